"""Store: documents, one by one."""

import asyncio
from datetime import timedelta

import pytest

from shared.domain.errors import Permanent, PreconditionFailed
from shared.ports import Create, Delete, Put, Query

HOUR = timedelta(hours=1)


async def test_a_missing_document_is_none(store):
    """Reading what nobody wrote is no error."""
    assert await store.get("things/none") is None


@pytest.mark.parametrize(
    "data",
    [
        {},  # nothing at all
        {"text": 'नमस्ते 🙏 "quoted" \\ \n\t', "empty": ""},
        {"none": None, "true": True, "false": False},
        {"zero": 0, "negative": -7, "beyond a double": 2**53 + 1, "largest": 2**63 - 1, "least": -(2**63)},
        {"float": 1.5, "whole": 1.0, "small": 1e-300, "third": 1 / 3},
        {"list": [], "map": {}, "mixed": [1, "a", None, {"deep": [True, {"deeper": "x"}]}]},
        {"table": [[1, 2], [3, [4]], []]},  # lists in lists
        {"bytes": b"\x00\xff", "in a list": [b"", {"and a map": b"abc"}]},
        {"a.b": 1, "with space": 2, "ключ": 3, 'quote"': 4, "`tick`": 5, "$sign": 6, "a/b": 7, "_": 8},
    ],
    ids=["empty", "text", "constants", "integers", "floats", "nested", "lists-in-lists", "bytes", "keys"],
)
async def test_what_was_written_is_read(store, data):
    """Every kind of JSON value, and bytes, comes back equal and of the same kind."""
    await store.commit([Put("things/one", data)])

    read = (await store.get("things/one")).data
    assert read == data
    assert repr(sorted(read.items())) == repr(sorted(data.items()))


@pytest.mark.parametrize(
    "name", ["x", "with space", "имя", "😀", "a.b", "a:b+c=d@e", "%2F", "_", "__", "x" * 500, "'; DROP", '"']
)
async def test_names_may_be_of_any_script(store, name):
    """A name of 1 to 500 bytes without a slash is as good as any."""
    path = f"tenants/{name}/things/{name}"
    await store.commit([Put(path, {"n": 1})])

    document = await store.get(path)
    assert (document.path, document.name) == (path, name)


@pytest.mark.parametrize(
    "path",
    ["", "things", "a/b/c", "/a/b", "a//b/c", "a/b/", "a/.", "a/..", "a/__x__", "__x__/a", "a/" + "x" * 501],
)
async def test_paths_that_are_none_are_refused(store, path):
    """A path that names no document raises Permanent, for reading and writing alike."""
    with pytest.raises(Permanent):
        await store.get(path)
    with pytest.raises(Permanent):
        await store.commit([Put(path, {})])


@pytest.mark.parametrize(
    "value",
    [2**63, {1, 2}, object(), {"__x__": 1}, {"": 1}, "\ud800"],
    ids=lambda value: type(value).__name__,
)
async def test_values_that_are_no_json_are_refused(store, value):
    """What a document cannot hold raises Permanent and writes nothing."""
    with pytest.raises(Permanent):
        await store.commit([Put("things/good", {}), Put("things/bad", {"value": value})])

    assert await store.get_many(["things/good", "things/bad"]) == [None, None]


async def test_a_large_document_fits(store):
    """Nine tenths of a megabyte of text, and of bytes, come back whole."""
    text, content = {"text": "é" * 450_000}, {"bytes": bytes(range(256)) * 3500}
    await store.commit([Put("large/text", text)])
    await store.commit([Put("large/bytes", content)])

    assert [one.data for one in await store.get_many(["large/text", "large/bytes"])] == [text, content]


async def test_a_document_over_a_mebibyte_is_refused(store):
    """What belongs into Blobs raises Permanent."""
    with pytest.raises(Permanent):
        await store.commit([Put("large/too", {"text": "x" * 1_200_000})])

    assert await store.get("large/too") is None


async def test_get_many_keeps_the_order_asked(store):
    """Documents come in the order of the paths, None for a missing one, and again for one asked twice."""
    await store.commit([Put(f"things/{name}", {"name": name}) for name in "abc"])

    found = await store.get_many(["things/c", "things/missing", "things/a", "things/c"])
    assert [one.data["name"] if one else None for one in found] == ["c", None, "a", "c"]
    assert await store.get_many([]) == []


async def test_create_writes_only_what_is_not_there(store):
    """The first create is True, the second False and changes nothing."""
    assert await store.create("things/one", {"n": 1}) is True
    assert await store.create("things/one", {"n": 2}) is False
    assert (await store.get("things/one")).data == {"n": 1}


async def test_of_racing_creates_one_wins(store):
    """Sixteen racers, one True, and the document is the winner's."""
    won = await asyncio.gather(*(store.create("things/race", {"racer": racer}) for racer in range(16)))

    assert won.count(True) == 1
    assert (await store.get("things/race")).data == {"racer": won.index(True)}


async def test_racing_creates_of_two_processes_have_one_winner(harness):
    """The promise holds across processes."""
    other = await harness.another()
    racers = [store.create("things/race", {}) for store in [harness.ports.store, other.store] * 8]

    assert (await asyncio.gather(*racers)).count(True) == 1


async def test_another_process_reads_what_was_committed(harness):
    """A commit that returned is seen by everybody."""
    other = await harness.another()
    await harness.ports.store.commit([Put("things/one", {"n": 1})])

    assert (await other.store.get("things/one")).data == {"n": 1}


async def test_put_replaces_the_whole_document(store):
    """Fields that are not in the new data are gone."""
    await store.commit([Put("things/one", {"old": 1, "both": 1})])
    await store.commit([Put("things/one", {"both": 2})])

    assert (await store.get("things/one")).data == {"both": 2}


async def test_the_version_changes_with_every_write(store):
    """Also where the data is the same, and after a document was removed and written again."""
    versions = []
    for _ in range(3):
        await store.commit([Put("things/one", {"n": 1})])
        versions.append((await store.get("things/one")).version)
    await store.commit([Delete("things/one")])
    await store.commit([Put("things/one", {"n": 1})])
    versions.append((await store.get("things/one")).version)

    assert len(set(versions)) == 4


async def test_a_version_is_the_same_however_it_is_read(store):
    """get, get_many and query show one version."""
    await store.commit([Put("things/one", {"n": 1})])
    one = await store.get("things/one")

    assert [one] == await store.get_many(["things/one"])
    assert (one,) == (await store.query("things", Query())).documents


async def test_put_with_a_version_writes_over_that_version_alone(store):
    """A document that changed since it was read is left as it is, and the error names it."""
    await store.commit([Put("things/one", {"n": 1})])
    version = (await store.get("things/one")).version
    await store.commit([Put("things/one", {"n": 2}, version=version)])

    with pytest.raises(PreconditionFailed) as failed:
        await store.commit([Put("things/one", {"n": 3}, version=version)])
    assert failed.value.path == "things/one"
    assert (await store.get("things/one")).data == {"n": 2}


async def test_put_with_a_version_fails_where_the_document_is_gone(store):
    """A removed document is not brought back by a writer that read it before."""
    await store.commit([Put("things/one", {"n": 1})])
    version = (await store.get("things/one")).version
    await store.commit([Delete("things/one")])

    with pytest.raises(PreconditionFailed):
        await store.commit([Put("things/one", {"n": 2}, version=version)])
    assert await store.get("things/one") is None


async def test_of_racing_writers_of_one_version_one_wins(store):
    """Compare and set: of sixteen that read the same, one writes and fifteen are told."""
    await store.commit([Put("things/one", {"n": 0})])
    version = (await store.get("things/one")).version
    outcomes = await asyncio.gather(
        *(store.commit([Put("things/one", {"n": racer}, version=version)]) for racer in range(16)),
        return_exceptions=True,
    )

    assert [
        outcome for outcome in outcomes if outcome is not None and type(outcome) is not PreconditionFailed
    ] == []
    assert outcomes.count(None) == 1
    assert (await store.get("things/one")).data == {"n": outcomes.index(None)}


async def test_a_counter_kept_by_compare_and_set_loses_nothing(store):
    """Writers that read again after a failed precondition add up."""
    await store.commit([Put("things/counter", {"n": 0})])

    async def increment():
        while True:
            read = await store.get("things/counter")
            try:
                return await store.commit(
                    [Put("things/counter", {"n": read.data["n"] + 1}, version=read.version)]
                )
            except PreconditionFailed:
                await asyncio.sleep(0)

    await asyncio.gather(*(increment() for _ in range(20)))
    assert (await store.get("things/counter")).data == {"n": 20}


async def test_delete_removes_and_may_be_repeated(store):
    """Deleting a document that is gone is no error."""
    await store.commit([Put("things/one", {})])
    await store.commit([Delete("things/one")])
    await store.commit([Delete("things/one")])

    assert await store.get("things/one") is None


async def test_delete_with_a_version_removes_that_version_alone(store):
    """A document that changed, or went, since it was read is not removed."""
    await store.commit([Put("things/one", {"n": 1})])
    old = (await store.get("things/one")).version
    await store.commit([Put("things/one", {"n": 2})])

    with pytest.raises(PreconditionFailed):
        await store.commit([Delete("things/one", version=old)])
    new = (await store.get("things/one")).version
    await store.commit([Delete("things/one", version=new)])
    assert await store.get("things/one") is None
    with pytest.raises(PreconditionFailed):
        await store.commit([Delete("things/one", version=new)])


async def test_a_deleted_document_leaves_those_below_it(store):
    """Documents below a document are their own."""
    await store.commit([Put("things/one", {}), Put("things/one/parts/a", {"n": 1})])
    await store.commit([Delete("things/one")])

    assert (await store.get("things/one/parts/a")).data == {"n": 1}


async def test_expired_documents_are_gone(harness, store):
    """However late they are removed, they are in no answer."""
    now = harness.ports.clock.now()
    await store.commit(
        [Put("mixed/old", {"n": 1}, expires=now - HOUR), Put("mixed/new", {"n": 1}, expires=now + HOUR)]
    )

    assert await store.get("mixed/old") is None
    assert [one and one.name for one in await store.get_many(["mixed/old", "mixed/new"])] == [None, "new"]
    assert [one.name for one in (await store.query("mixed", Query())).documents] == ["new"]
    assert [one.name for one in (await store.query_group("mixed", Query())).documents] == ["new"]
    assert await store.count("mixed") == 1


async def test_an_expired_document_can_be_created_anew(harness, store):
    """Create treats it as what it is: gone."""
    past = harness.ports.clock.now() - HOUR
    await store.create("things/one", {"n": 1}, expires=past)
    await store.create("things/two", {"n": 1}, expires=past)

    assert await store.create("things/one", {"n": 2}) is True
    await store.commit([Create("things/two", {"n": 2}), Put("things/three", {"n": 2})])
    assert [one.data for one in await store.get_many(["things/one", "things/two"])] == [{"n": 2}, {"n": 2}]
    assert await store.create("things/one", {"n": 3}) is False


async def test_expiry_is_no_part_of_the_data(harness, store):
    """The data read is the data written; each later put gives the document an end or takes it away."""
    expires = harness.ports.clock.now() + HOUR
    await store.commit([Put("things/one", {"n": 1}, expires=expires)])
    assert (await store.get("things/one")).data == {"n": 1}

    await store.commit([Put("things/one", {"n": 2})])
    await store.commit([Put("things/one", {"n": 3}, expires=expires - 2 * HOUR)])
    assert await store.get("things/one") is None

    await store.commit([Put("things/two", {"n": 1}, expires=expires - 2 * HOUR)])
    await store.commit([Put("things/two", {"n": 2})])
    assert (await store.get("things/two")).data == {"n": 2}


async def test_what_was_read_is_the_readers_own(store):
    """Changing data after a write or a read changes nothing stored."""
    data = {"list": [1]}
    await store.commit([Put("things/one", data)])
    data["list"].append(2)
    read = await store.get("things/one")
    read.data["list"].append(3)

    assert (await store.get("things/one")).data == {"list": [1]}


async def test_ping_answers(store):
    """Ping returns while the store is within reach."""
    await store.ping()
