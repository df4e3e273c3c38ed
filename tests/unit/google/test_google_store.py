"""What is Firestore's own in the Store: the rest is the contract's."""

import asyncio
from datetime import timedelta

import pytest
from google.auth import exceptions as auth

from shared.backends.google import store as module
from shared.backends.google.store import GoogleStore
from shared.domain.errors import AlreadyExists, NotConnected, Permanent, PreconditionFailed, Transient
from shared.ports import Create, Delete, Put, Query, Where

pytestmark = pytest.mark.emulators

COLLECTION = "tenants/acme/things"
RICH = {
    "nested": [[1, [2, b"\x00"]], [], [{"deep": [[True]]}]],
    "~[]": ["looks like ours"],
    "~tilde": {"~": None},
    "expire_at": "a word of the tenant's",
    "with.dot and `tick`": 1.5,
    "bytes": b"\x00\xff",
    "empty": {"map": {}, "list": []},
    "unicode": "नमस्ते 👋",
}


async def test_a_document_comes_back_as_it_was_written(store):
    """Lists in lists, bytes, names with dots and names that look like the backend's own are kept."""
    await store.create(f"{COLLECTION}/a", RICH)

    assert (await store.get(f"{COLLECTION}/a")).data == RICH


async def test_an_expiry_is_not_part_of_the_data(store, clock):
    """The field the TTL policy watches is invisible to readers."""
    await store.commit([Put(f"{COLLECTION}/a", {"n": 1}, expires=clock.now() + timedelta(hours=1))])

    assert (await store.get(f"{COLLECTION}/a")).data == {"n": 1}


async def test_expired_documents_that_still_lie_there_are_nowhere_to_be_seen(store, clock):
    """Firestore removes expired documents a day late; until then no read, page or count shows them."""
    soon = clock.now() + timedelta(hours=1)
    await store.commit(
        [Put(f"{COLLECTION}/{n}", {"n": n}, expires=soon if n % 3 else None) for n in range(30)]
    )
    clock.ahead = timedelta(hours=2)

    first = await store.query(COLLECTION, Query(order=("n",), limit=4))
    second = await store.query(COLLECTION, Query(order=("n",), limit=100, cursor=first.cursor))

    assert [document.data["n"] for document in first.documents] == [0, 3, 6, 9]
    assert [document.data["n"] for document in second.documents] == [12, 15, 18, 21, 24, 27]
    assert second.cursor is None
    assert await store.count(COLLECTION) == 10
    assert await store.count(COLLECTION, (Where("n", ">", 20), Where("n", "<", 25))) == 2
    assert await store.get(f"{COLLECTION}/1") is None
    assert await store.get_many([f"{COLLECTION}/1"]) == [None]


async def test_an_expired_document_may_be_created_anew_by_exactly_one(store, clock):
    """What has expired counts as absent for a create, and racing creators still find one winner."""
    await store.create(f"{COLLECTION}/a", {"n": 0}, expires=clock.now() + timedelta(hours=1))
    clock.ahead = timedelta(hours=2)

    won = await asyncio.gather(*(store.create(f"{COLLECTION}/a", {"n": n}) for n in range(1, 9)))

    assert won.count(True) == 1
    assert won.index(True) + 1 == (await store.get(f"{COLLECTION}/a")).data["n"]


async def test_a_commit_creates_over_an_expired_document_beside_other_writes(store, clock):
    """The whole batch is written, or nothing of it."""
    await store.create(f"{COLLECTION}/a", {"n": 0}, expires=clock.now() + timedelta(hours=1))
    clock.ahead = timedelta(hours=2)

    await store.commit([Put(f"{COLLECTION}/b", {"n": 2}), Create(f"{COLLECTION}/a", {"n": 1})])

    assert [one.data["n"] for one in await store.get_many([f"{COLLECTION}/a", f"{COLLECTION}/b"])] == [1, 2]


async def test_a_refused_batch_names_the_document_that_stood_in_the_way(store):
    """Firestore does not say which of many; the commit finds out."""
    await store.commit([Put(f"{COLLECTION}/{n}", {"n": n}) for n in range(3)])
    zero, one, _ = await store.get_many([f"{COLLECTION}/{n}" for n in range(3)])
    await store.commit([Put(one.path, {"n": 10})])

    with pytest.raises(PreconditionFailed) as changed:
        await store.commit([Put(zero.path, {"n": 5}, zero.version), Delete(one.path, one.version)])
    with pytest.raises(AlreadyExists) as there:
        await store.commit([Put(zero.path, {"n": 5}, zero.version), Create(f"{COLLECTION}/2", {})])

    assert (one.path, f"{COLLECTION}/2") == (changed.value.path, there.value.path)
    assert zero == await store.get(zero.path)


async def test_a_hot_document_takes_racing_writers_without_a_lock(store):
    """Read, change, write on condition: of eight racing writers all come through by trying again."""
    path = f"{COLLECTION}/hot"
    await store.create(path, {"n": 0})

    async def add() -> None:
        while True:
            read = await store.get(path)
            try:
                return await store.commit([Put(path, {"n": read.data["n"] + 1}, read.version)])
            except (PreconditionFailed, Transient):
                await asyncio.sleep(0)

    await asyncio.gather(*(add() for _ in range(8)))

    assert (await store.get(path)).data["n"] == 8


async def test_pages_follow_each_other_over_every_kind_of_value(store):
    """A cursor carries text, numbers, bytes, lists and None, and ties break by name."""
    values = [None, False, True, -1, 1.5, "a", "a", "b", b"\x00", b"\xff", [1, [2]], {"k": "v"}]
    await store.commit([Put(f"{COLLECTION}/{n:02}", {"v": value}) for n, value in enumerate(values)])
    names, cursor = [], None
    while True:
        page = await store.query(COLLECTION, Query(order=("v",), limit=1, cursor=cursor))
        names += [document.name for document in page.documents]
        if (cursor := page.cursor) is None:
            break

    assert [f"{n:02}" for n in range(len(values))] == names


async def test_a_cursor_of_somebody_else_is_refused(store):
    """What is no cursor is the caller's mistake, not a crash."""
    with pytest.raises(Permanent):
        await store.query(COLLECTION, Query(cursor="!nonsense!"))


@pytest.mark.parametrize(
    "value",
    ["\ud800", 2**63, float("nan"), object(), {"": 1}, {"__x__": 1}, "x" * 1_100_000],
    ids=["surrogate", "wide", "nan", "object", "empty key", "reserved key", "large"],
)
async def test_what_firestore_cannot_hold_is_a_permanent_error(store, value):
    """Trying again would not help, so it is said at once."""
    with pytest.raises(Permanent):
        await store.commit([Put(f"{COLLECTION}/a", {"v": value})])


async def test_a_store_out_of_reach_is_transient(project, clock, monkeypatch):
    """A connection refused is worth another try later."""
    monkeypatch.setattr(module, "SECONDS", 0.2)
    monkeypatch.setattr(module, "RETRY", module.RETRY.with_timeout(0.2))
    store = GoogleStore(project, clock=clock, emulator="127.0.0.1:1")

    with pytest.raises(Transient):
        await store.ping()
    with pytest.raises(Transient):
        await store.commit([Put(f"{COLLECTION}/a", {})])
    await store.close()


async def test_without_credentials_the_error_says_how_to_get_them(project, clock, monkeypatch):
    """A laptop that never signed in is told to, and is not retried."""

    def none(*_: object, **__: object) -> None:
        raise auth.DefaultCredentialsError

    monkeypatch.setattr("google.auth.default", none)
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)

    with pytest.raises(NotConnected, match="application-default login"):
        await GoogleStore(project, clock=clock).get(f"{COLLECTION}/a")
