"""Store: questions that read a few fields of each document, so that a list costs what it shows."""

from datetime import timedelta

import pytest

from shared.domain.errors import Permanent
from shared.ports import Put, Query, Where

WHOLE = {
    "n": 7,
    "large": 2**63 - 1,
    "third": 1 / 3,
    "tiny": 1e-300,
    "whole": 1.0,
    "none": None,
    "yes": True,
    "no": False,
    "text": 'नमस्ते "quoted" \\ \n',
    "bytes": b"\x00\xff",
    "list": [1, 2.5, [True, None], {"deep": b"x"}],
    "map": {"a": {"b": False}},
    "empty": {},
}


@pytest.mark.parametrize("field", WHOLE)
async def test_a_query_reads_the_fields_it_names(store, field):
    """Each comes back as it was written, with no other; one that a document has not is left out."""
    await store.commit([Put("things/one", {**WHOLE, "heavy": "x" * 100_000}), Put("things/two", {"m": 1})])
    page = await store.query("things", Query(fields=(field, "absent")))

    assert [{field: WHOLE[field]}, {}] == [document.data for document in page.documents]
    assert repr(WHOLE[field]) == repr(page.documents[0].data[field])


async def test_named_fields_change_neither_order_nor_pages(harness, store):
    """What is ordered by, compared or expired need not be read; a version is the same however it is read."""
    things = [Put(f"things/{n}", {"n": n, "of": "a", "name": str(n)}) for n in (3, 1, 2)]
    past = harness.ports.clock.now() - timedelta(hours=1)
    gone = Put("things/gone", {"n": 4, "of": "a", "name": "gone"}, expires=past)
    await store.commit([*things, gone])
    where, order = (Where("of", "==", "a"), Where("n", ">", 0)), ("-n",)
    first = await store.query("things", Query(where, order, 2, fields=("name",)))
    second = await store.query("things", Query(where, order, 2, cursor=first.cursor, fields=("name",)))
    group = await store.query_group("things", Query(where, order, 9, fields=("name",)))
    (whole,) = await store.get_many(["things/1"])

    assert [[{"name": "3"}, {"name": "2"}], [{"name": "1"}]] == [
        [document.data for document in page.documents] for page in (first, second)
    ]
    assert whole.version == second.documents[0].version
    assert ["3", "2", "1"] == [document.data["name"] for document in group.documents]


@pytest.mark.parametrize("field", ["a.b", "__name__", 'quote"', ""])
async def test_only_a_documents_own_fields_can_be_named(store, field):
    """What stands within a field, the name, and what is none raise Permanent on either backend."""
    with pytest.raises(Permanent):
        await store.query("things", Query(fields=(field,)))
