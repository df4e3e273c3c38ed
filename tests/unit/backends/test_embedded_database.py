"""One file, one writer, shared transactions: what the embedded database does with those who wait for it."""

import asyncio
import sqlite3
import stat

import pytest

from shared.backends.embedded.clock import EmbeddedClock
from shared.backends.embedded.database import SCHEMA_VERSION, Database
from shared.backends.embedded.store import EmbeddedStore
from shared.backends.embedded.timers import EmbeddedTimers
from shared.domain.errors import AlreadyExists, Permanent, Transient
from shared.ports import Create, Put, Query, Where


def commits(database):
    """The list that every COMMIT of the writer is appended to from now on."""
    seen = []
    database._writer.set_trace_callback(lambda sql: seen.append(sql) if sql == "COMMIT" else None)
    return seen


async def busy_writer(database, gate):
    """Hold the writer until `gate` is set, so that what follows waits together."""
    entered = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold(_):
        loop.call_soon_threadsafe(entered.set)
        gate.wait(30)

    holding = asyncio.create_task(database.write(hold))
    await entered.wait()
    return holding


async def test_operations_that_wait_together_share_one_commit(database):
    """Fifty waiting operations cost one transaction, and each gets its own result."""
    import threading  # noqa: PLC0415 - only to hold the writer

    gate = threading.Event()
    holding = await busy_writer(database, gate)
    seen = commits(database)
    waiting = [asyncio.create_task(database.write(lambda _, n=n: n)) for n in range(50)]
    await asyncio.sleep(0)
    gate.set()

    assert await asyncio.gather(*waiting) == list(range(50))
    await holding
    assert len(seen) == 2  # the one that held the writer, and one for all


async def test_a_patient_operation_goes_along_with_the_next(database, monkeypatch):
    """Two operations, one of them in no hurry, cost one transaction."""
    monkeypatch.setattr("shared.backends.embedded.database._PATIENCE", 30)
    seen = commits(database)

    patient = asyncio.create_task(database.write(lambda _: "patient", patient=True))
    await asyncio.sleep(0)
    hurried = asyncio.create_task(database.write(lambda _: "hurried"))

    assert await asyncio.gather(patient, hurried) == ["patient", "hurried"]
    assert len(seen) == 1


async def test_a_patient_operation_that_nobody_joins_goes_alone(database):
    """It waits a moment, not for ever, and is durable when its caller hears of it."""
    seen = commits(database)

    assert await database.write(lambda _: "patient", patient=True) == "patient"
    assert len(seen) == 1


async def test_a_failing_operation_is_undone_alone(database):
    """Those in the same transaction before and after it are committed; it leaves nothing behind."""
    store = EmbeddedStore(database, EmbeddedClock())
    await store.commit([Put("things/there", {"n": 1})])
    outcomes = await asyncio.gather(
        store.commit([Put("things/a", {})]),
        store.commit([Put("things/half", {}), Create("things/there", {"n": 2})]),
        store.commit([Put("things/b", {})]),
        database.write(lambda connection: connection.execute("SELECT nonsense")),
        store.commit([Put("things/c", {})]),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [
        type(None),
        AlreadyExists,
        type(None),
        Transient,
        type(None),
    ]
    found = await store.get_many([f"things/{name}" for name in ("a", "half", "there", "b", "c")])
    assert [one and one.data for one in found] == [{}, None, {"n": 1}, {}, {}]


async def test_store_bus_and_timers_share_a_commit(database, moved):
    """What is written through several ports at once is synced once."""
    import threading  # noqa: PLC0415 - only to hold the writer

    gate = threading.Event()
    holding = await busy_writer(database, gate)
    seen = commits(database)
    together = asyncio.gather(
        EmbeddedStore(database, moved).commit([Put("things/a", {})]),
        EmbeddedTimers(database, moved).set("t", moved.now(), "ring", {}),
    )
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(together, holding)

    assert len(seen) == 2


async def test_a_file_held_by_another_process_is_transient(tmp_path):
    """A writer that cannot begin in time says so, as a failure that may pass; readers go on."""
    file = tmp_path / "frontdesk.sqlite"
    database = Database(file, busy_seconds=0.05)
    store = EmbeddedStore(database, EmbeddedClock())
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Transient) as failed:
        await store.commit([Put("things/a", {})])
    assert failed.value.retry_after
    assert await store.get("things/a") is None
    other.execute("ROLLBACK")
    other.close()
    await store.commit([Put("things/a", {})])
    assert await store.get("things/a")
    await database.close()


async def test_a_full_disk_is_transient_and_loses_nothing_else(database):
    """Where the file cannot grow, the commit fails as a whole and the next one that fits succeeds."""
    store = EmbeddedStore(database, EmbeddedClock())
    await database.write(lambda connection: connection.execute("PRAGMA max_page_count = 60").fetchall())

    with pytest.raises(Transient):
        await store.commit([Put(f"things/{number}", {"text": "x" * 50_000}) for number in range(20)])
    await store.commit([Put("things/small", {})])
    assert await store.count("things") == 1


async def test_every_commit_is_synced_to_the_disk(database):
    """The file is in WAL mode with full synchronisation, so a power cut loses no acknowledged commit."""
    pragmas = await database.write(
        lambda connection: [
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
        ]
    )

    assert pragmas == ["wal", 2]


async def test_a_read_cannot_write(database):
    """Readers have connections that refuse to change anything."""
    with pytest.raises(Transient):
        await database.read(lambda connection: connection.execute("DELETE FROM jobs"))


async def test_a_caller_that_went_away_disturbs_nobody(database):
    """The operation of a cancelled caller is done; those beside it get their results."""
    store = EmbeddedStore(database, EmbeddedClock())
    leaving = asyncio.create_task(store.commit([Put("things/a", {})]))
    staying = asyncio.create_task(store.commit([Put("things/b", {})]))
    await asyncio.sleep(0)
    leaving.cancel()
    await staying

    assert await store.count("things") == 2


async def test_close_finishes_what_waits_and_then_refuses(tmp_path):
    """Writes asked before the close are durable; later ones are told that the process stops."""
    file = tmp_path / "frontdesk.sqlite"
    database = Database(file)
    store = EmbeddedStore(database, EmbeddedClock())
    writing = [asyncio.create_task(store.commit([Put(f"things/{number}", {})])) for number in range(20)]
    await asyncio.sleep(0)
    await database.close()
    await database.close()
    await asyncio.gather(*writing)

    with pytest.raises(Transient):
        await store.get("things/1")
    again = Database(file)
    assert await EmbeddedStore(again, EmbeddedClock()).count("things") == 20
    await again.close()


async def test_the_file_is_its_owners_alone(database, tmp_path):
    """Conversations are not for other users of the machine."""
    assert stat.S_IMODE((tmp_path / "frontdesk.sqlite").stat().st_mode) == 0o600


def test_a_file_that_is_no_database_is_refused(tmp_path):
    """Something else by that name is left alone, and the error says what to do."""
    file = tmp_path / "frontdesk.sqlite"
    file.write_bytes(b"my holiday pictures" * 1000)

    with pytest.raises(Permanent, match="backup"):
        Database(file)
    assert file.read_bytes() == b"my holiday pictures" * 1000


def test_a_file_of_a_newer_version_is_refused(tmp_path):
    """An older Frontdesk does not write into a file whose shape it does not know."""
    file = tmp_path / "frontdesk.sqlite"
    with sqlite3.connect(file) as newer:
        newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    newer.close()

    with pytest.raises(Permanent, match="newer"):
        Database(file)


HERS = (Where("assignee", "==", "priya"), Where("state", "==", "human_active"))


@pytest.mark.parametrize(
    ("where", "order", "index"),
    [
        ((), ("-last_at",), "documents_by_last_at"),
        ((Where("assignee", "==", "priya"),), ("-last_at",), "documents_by_assignee"),
        (HERS, (), "documents_by_assigned_"),
        ((*HERS, Where("unread", ">", 0)), (), "documents_by_assigned_unread"),
        ((*HERS, Where("first_waiting", ">", "")), (), "documents_by_assigned_waiting"),
        (
            (Where("state", "in", ["handover", "pending_human"]), Where("unread", ">", 0)),
            (),
            "documents_by_unread",
        ),
    ],
)
async def test_what_the_inbox_asks_is_found_by_an_index(tmp_path, moved, monkeypatch, where, order, index):
    """None of its questions reads every conversation or sorts them; an older file gets its indexes.

    What is counted above a bound is found by that bound, not by reading all that is below it.
    """
    file = tmp_path / "frontdesk.sqlite"
    await Database(file).close()
    with sqlite3.connect(file) as old:
        for (name,) in old.execute(
            "SELECT name FROM sqlite_master WHERE name LIKE 'documents_by_%'"
        ).fetchall():
            old.execute(f"DROP INDEX {name}")
        old.execute("CREATE INDEX documents_by_state ON documents (collection)")
        old.execute("PRAGMA user_version = 2")
    old.close()
    database, asked, reader = Database(file), [], sqlite3.connect(file)
    reader.set_trace_callback(asked.append)

    async def read(operation):
        return operation(reader)

    monkeypatch.setattr(database, "read", read)
    store = EmbeddedStore(database, moved)

    await (
        store.query("conversations", Query(where, order)) if order else store.count("conversations", where)
    )

    plan = reader.execute(f"EXPLAIN QUERY PLAN {asked[0]}").fetchall()
    left = reader.execute("SELECT 1 FROM sqlite_master WHERE name = 'documents_by_state'").fetchall()
    reader.close()
    await database.close()
    assert (True, []) == (index in str(plan), left)
    bound = [condition.field for condition in where if condition.op == ">"]
    assert bool(bound) == ("<expr>>?" in str(plan))
    assert "TEMP B-TREE" not in str(plan)
