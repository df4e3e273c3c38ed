"""Store: questions to a collection, their order, and their pages."""

import pytest

from shared.domain.errors import Permanent
from shared.ports import Delete, Put, Query, Where

PEOPLE = {
    "ana": {
        "age": 31,
        "city": "Pune",
        "tags": ["vip", "hindi"],
        "at": "2026-11-20T10:00:00.000000Z",
        "open": True,
    },
    "bo": {"age": 25, "city": "Goa", "tags": [], "at": "2026-11-20T11:00:00.000000Z", "open": False},
    "cy": {"age": 31, "city": "Goa", "tags": ["vip"], "at": "2026-11-20T09:00:00.000000Z", "open": True},
    "di": {
        "age": 40,
        "city": "Pune",
        "tags": ["hindi", 7],
        "at": "2026-11-20T12:00:00.000000Z",
        "open": False,
    },
    "eve": {"age": None, "city": "Delhi", "nested": {"score": 0.5, "deep": {"n": 1}}},
    "fay": {"city": "Delhi", "nested": {"score": 0.9}},
}


@pytest.fixture
async def people(store):
    await store.commit([Put(f"desks/front/people/{name}", data) for name, data in PEOPLE.items()])
    return "desks/front/people"


async def names(store, collection, query):
    return [document.name for document in (await store.query(collection, query)).documents]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ((Where("city", "==", "Goa"),), {"bo", "cy"}),
        ((Where("city", "==", "goa"),), set()),  # case matters
        ((Where("age", "==", 31),), {"ana", "cy"}),
        ((Where("age", "==", 31.0),), {"ana", "cy"}),  # numbers are numbers
        ((Where("age", "==", "31"),), set()),  # and text is text
        ((Where("age", "==", None),), {"eve"}),  # null is a value, a missing field is none
        ((Where("age", "!=", 31),), {"bo", "di"}),  # null is unequal to nothing
        ((Where("age", ">", 25),), {"ana", "cy", "di"}),
        ((Where("age", ">=", 25), Where("age", "<", 40)), {"ana", "bo", "cy"}),
        ((Where("age", "<=", 25),), {"bo"}),
        ((Where("age", ">", "a"),), set()),  # kinds do not mix
        ((Where("open", "==", True),), {"ana", "cy"}),
        ((Where("open", "==", 1),), set()),  # true is not one
        ((Where("open", "==", False),), {"bo", "di"}),
        ((Where("at", ">", "2026-11-20T10:00:00.000000Z"),), {"bo", "di"}),
        ((Where("city", "in", ["Goa", "Delhi", "Rome"]),), {"bo", "cy", "eve", "fay"}),
        ((Where("age", "in", [25, 40]), Where("city", "==", "Pune")), {"di"}),
        ((Where("tags", "contains", "vip"),), {"ana", "cy"}),
        ((Where("tags", "contains", "v"),), set()),  # whole values, no parts
        ((Where("tags", "contains", 7),), {"di"}),
        ((Where("tags", "contains", "7"),), set()),
        (
            (Where("tags", "contains", "hindi"), Where("city", "==", "Pune"), Where("open", "==", True)),
            {"ana"},
        ),
        ((Where("city", "contains", "Goa"),), set()),  # text is no list
        ((Where("nested.score", ">", 0.6),), {"fay"}),
        ((Where("nested.deep.n", "==", 1),), {"eve"}),
        ((Where("age", ">", 24), Where("at", "<", "2026-11-20T11:30:00.000000Z")), {"ana", "bo", "cy"}),
        ((Where("nothing", "==", 1),), set()),
        ((Where("nothing", "!=", 1),), set()),  # what is missing matches nothing
        ((Where("__name__", "==", "di"),), {"di"}),
        ((Where("__name__", ">=", "bo"), Where("__name__", "<", "di")), {"bo", "cy"}),
        ((Where("__name__", "in", ["ana", "fay", "zed"]),), {"ana", "fay"}),
    ],
    ids=lambda value: (
        " & ".join(f"{one.field}{one.op}{one.value}" for one in value) if isinstance(value, tuple) else ""
    ),
)
async def test_all_conditions_must_hold(store, people, where, expected):
    """Exactly the documents that match every condition come, and count counts the same."""
    page = await store.query(people, Query(where=where))

    assert {document.name for document in page.documents} == expected
    assert len(page.documents) == len(expected)
    assert page.cursor is None
    assert await store.count(people, where) == len(expected)
    assert await store.count(people, where, most=2) == min(len(expected), 2)


async def test_documents_of_a_query_are_whole(store, people):
    """Path, data and version are those of a get."""
    (found,) = (await store.query(people, Query(where=(Where("__name__", "==", "eve"),)))).documents

    assert found == await store.get(f"{people}/eve")


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ((), ["ana", "bo", "cy", "di", "eve", "fay"]),  # by name
        (("__name__",), ["ana", "bo", "cy", "di", "eve", "fay"]),
        (("age",), ["eve", "bo", "ana", "cy", "di"]),  # null first; a missing field is not in the answer
        (("-age",), ["di", "cy", "ana", "bo", "eve"]),  # ties follow the last direction
        (("age", "at"), ["bo", "cy", "ana", "di"]),
        (("-age", "at"), ["di", "cy", "ana", "bo"]),
        (("city", "-age"), ["eve", "cy", "bo", "di", "ana"]),
        (("at",), ["cy", "ana", "bo", "di"]),
        (("-nested.score",), ["fay", "eve"]),
    ],
    ids=str,
)
async def test_order_is_by_fields_then_by_name(store, people, order, expected):
    """Each order gives one answer; and read one by one, page by page, the same."""
    assert await names(store, people, Query(order=order)) == expected

    one_by_one, cursor = [], None
    while True:
        page = await store.query(people, Query(order=order, limit=1, cursor=cursor))
        one_by_one += [document.name for document in page.documents]
        cursor = page.cursor
        if cursor is None:
            break
    assert one_by_one == expected


async def test_conditions_and_order_go_together(store, people):
    """A query may ask and order by the same field, or by others."""
    query = Query(where=(Where("city", "==", "Goa"), Where("age", ">", 20)), order=("-age",))

    assert await names(store, people, query) == ["cy", "bo"]
    query = Query(where=(Where("tags", "contains", "vip"),), order=("at",))
    assert await names(store, people, query) == ["cy", "ana"]


async def test_names_order_by_their_bytes(store):
    """Order of names is that of their UTF-8, so numbers padded with zeros count up."""
    given = ["0001", "0010", "0002", "Z", "a", "é", "😀", "ﬀ"]
    await store.commit([Put(f"things/{name}", {}) for name in given])

    assert await names(store, "things", Query()) == sorted(given, key=str.encode)


async def test_pages_end_with_no_cursor(store):
    """A cursor is given only where something follows, also where a page is exactly full."""
    await store.commit([Put(f"things/{number}", {"n": number}) for number in range(4)])

    first = await store.query("things", Query(order=("n",), limit=2))
    second = await store.query("things", Query(order=("n",), limit=2, cursor=first.cursor))
    assert [len(first.documents), len(second.documents)] == [2, 2]
    assert first.cursor is not None
    assert second.cursor is None


async def test_a_cursor_stands_still_while_documents_come_and_go(store):
    """What is written before the cursor moves nothing, what is written after it comes, and the cursor's
    own document may be gone.
    """
    await store.commit([Put(f"things/{number}", {"n": number}) for number in (10, 20, 30, 40)])
    first = await store.query("things", Query(order=("n",), limit=2))
    await store.commit(
        [
            Put("things/05", {"n": 5}),
            Put("things/15", {"n": 15}),
            Put("things/35", {"n": 35}),
            Delete("things/20"),
        ]
    )

    rest = await store.query("things", Query(order=("n",), cursor=first.cursor))
    assert [document.data["n"] for document in rest.documents] == [30, 35, 40]


@pytest.mark.parametrize("value", ["x", None, True, 1.5, ["a"]], ids=str)
async def test_many_ties_are_each_seen_once(store, value):
    """Pages through documents of one value, of any kind, lose and repeat none."""
    await store.commit([Put(f"things/{number:02}", {"same": value}) for number in range(50)])

    seen, cursor = [], None
    for _ in range(8):
        page = await store.query("things", Query(order=("-same",), limit=7, cursor=cursor))
        seen += [document.name for document in page.documents]
        cursor = page.cursor
    assert cursor is None
    assert seen == [f"{number:02}" for number in reversed(range(50))]


async def test_pages_of_an_unordered_inequality_are_each_seen_once(store):
    """Without an order pages still join without loss."""
    await store.commit([Put(f"things/{number:02}", {"n": -number}) for number in range(10)])

    seen, cursor = set(), None
    for _ in range(4):
        page = await store.query("things", Query(where=(Where("n", "<", -1),), limit=2, cursor=cursor))
        seen |= {document.name for document in page.documents}
        cursor = page.cursor
    assert cursor is None
    assert len(seen) == 8


@pytest.mark.parametrize("cursor", ["", "nonsense", "W10=", "😀"])
async def test_a_cursor_of_nowhere_is_refused(store, people, cursor):
    """A cursor that no page gave raises Permanent."""
    with pytest.raises(Permanent):
        await store.query(people, Query(order=("age",), cursor=cursor))


async def test_mixed_kinds_have_an_order(store):
    """Null, then booleans, numbers, text, lists, maps: the same on every backend."""
    values = [None, False, True, -1.5, 2, 3.5, "10", "a", [1], {"m": 1}]
    await store.commit([Put(f"things/{place}", {"v": value}) for place, value in enumerate(reversed(values))])

    page = await store.query("things", Query(order=("v",)))
    assert [document.data["v"] for document in page.documents] == values


async def test_integers_beyond_a_double_compare_exactly(store):
    """Neighbours above 2**53 are neighbours, in conditions, order and cursors."""
    base = 2**53
    await store.commit([Put(f"things/{n}", {"n": base + n}) for n in range(4)])

    assert await names(store, "things", Query(where=(Where("n", "==", base + 1),))) == ["1"]
    first = await store.query("things", Query(order=("n",), limit=2))
    rest = await store.query("things", Query(order=("n",), cursor=first.cursor))
    assert [one.data["n"] - base for one in rest.documents] == [2, 3]


async def test_a_collection_is_its_direct_documents(store):
    """Neither documents below nor those of a neighbour with a longer name are in the answer."""
    await store.commit(
        [
            Put("tenants/a/things/1", {}),
            Put("tenants/a/things/1/things/2", {}),
            Put("tenants/a/things2/3", {}),
            Put("tenants/ab/things/4", {}),
        ]
    )

    assert await names(store, "tenants/a/things", Query()) == ["1"]
    assert await store.count("tenants/a/things") == 1
    assert await names(store, "tenants/none/things", Query()) == []


async def test_a_group_is_every_collection_of_that_name(store):
    """Documents come from anywhere, with whole paths; conditions, order and cursors work as ever."""
    places = ["tenants/a/outbox/1", "tenants/b/outbox/2", "outbox/3", "tenants/a/desks/d/outbox/4"]
    await store.commit([Put(path, {"n": number, "due": number % 2}) for number, path in enumerate(places)])
    await store.commit([Put("tenants/a/inbox/9", {"n": 9, "due": 1})])

    page = await store.query_group("outbox", Query(order=("n",), limit=3))
    rest = await store.query_group("outbox", Query(order=("n",), limit=3, cursor=page.cursor))
    assert [document.path for document in page.documents + rest.documents] == places
    assert rest.cursor is None
    due = await store.query_group("outbox", Query(where=(Where("due", "==", 1),), order=("-n",)))
    assert [document.path for document in due.documents] == [places[3], places[1]]


async def test_pages_of_a_group_see_each_document_once(store):
    """Ties across collections lose and repeat none."""
    paths = {f"tenants/{tenant}/sweep/{number}" for tenant in "abc" for number in range(5)}
    await store.commit([Put(path, {"at": "x"}) for path in paths])

    seen, cursor = [], None
    for _ in range(4):
        page = await store.query_group("sweep", Query(order=("at",), limit=4, cursor=cursor))
        seen += [document.path for document in page.documents]
        cursor = page.cursor
    assert cursor is None
    assert sorted(seen) == sorted(paths)


async def test_a_limit_holds(store, people):
    """No more documents come than asked."""
    assert await names(store, people, Query(limit=2)) == ["ana", "bo"]


@pytest.mark.parametrize(
    "query",
    [
        Query(where=(Where("n", "in", list(range(31))),)),  # thirty at most
        Query(where=(Where("n", "in", []),)),
        Query(limit=0),
        Query(order=("",)),
        Query(order=("-__name__",)),  # Firestore scans names upwards alone
        Query(where=(Where("a..b", "==", 1),)),
    ],
    ids=["in-31", "in-0", "limit-0", "no-field", "names-down", "empty-part"],
)
async def test_questions_nobody_can_answer_are_refused(store, query):
    """They raise Permanent."""
    with pytest.raises(Permanent):
        await store.query("things", query)


@pytest.mark.parametrize("collection", ["", "a/b", "/a", "a//b"])
async def test_collections_that_are_none_are_refused(store, collection):
    """A path that names no collection raises Permanent."""
    with pytest.raises(Permanent):
        await store.query(collection, Query())


async def test_fields_and_values_are_never_taken_for_code(store):
    """Odd fields and values ask for themselves and nothing else."""
    await store.commit([Put("things/odd", {"it's": "a' OR 1=1 --"}), Put("things/even", {"it's": "b"})])

    assert await names(store, "things", Query(where=(Where("it's", "==", "a' OR 1=1 --"),))) == ["odd"]
    assert await names(store, "things", Query(order=("-it's",))) == ["even", "odd"]
