"""The embedded backend keeps its promises when processes die, and shares one file among several."""

import asyncio
import sqlite3
import sys
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path

from shared.backends.embedded.bus import EmbeddedBus
from shared.backends.embedded.clock import EmbeddedClock
from shared.backends.embedded.database import Database
from shared.backends.embedded.jobs import Pace, Subscription
from shared.backends.embedded.store import EmbeddedStore
from shared.ports import Query

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@asynccontextmanager
async def process(file, role):
    """A child in `role`; killed at the end if it still runs."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        HERE / "embedded_process.py",
        file,
        role,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT)},
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def lines(child, count):
    return [(await child.stdout.readline()).decode().strip() for _ in range(count)]


async def empty(database):
    """Return when no job is left."""
    async with asyncio.timeout(60):
        while True:
            left = await database.read(lambda rows: rows.execute("SELECT count(*) FROM jobs").fetchone())
            if left == (0,):
                return
            await asyncio.sleep(0.02)


async def test_a_killed_writer_leaves_every_acknowledged_commit_and_no_half_of_one(tmp_path):
    """Killed amid commits, three times on one file: what was acknowledged is there, pairs are alike."""
    file = tmp_path / "frontdesk.sqlite"
    acknowledged = []
    for kill_after in (50, 333, 120):
        async with process(file, "write") as child:
            acknowledged += await lines(child, kill_after)
            child.kill()
            rest, _ = await child.communicate()
            acknowledged += rest.decode().split("\n")[:-1]

    database = Database(file)
    store = EmbeddedStore(database, EmbeddedClock())
    found = await store.get_many([f"log/{name}" for name in acknowledged])
    pairs = [await store.query(f"pairs/{writer}/side", Query()) for writer in range(8)]
    await database.close()
    assert [name for name, document in zip(acknowledged, found, strict=True) if document is None] == []
    assert [len({one.data["name"] for one in pair.documents}) for pair in pairs] == [1] * 8
    with sqlite3.connect(file) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    plain.close()


async def test_two_processes_share_deliveries_without_loss_or_repetition(tmp_path):
    """Each of three hundred messages is handled once, by one of two processes, and both have a part."""
    file = tmp_path / "frontdesk.sqlite"
    database = Database(file)
    bus = EmbeddedBus(database, EmbeddedClock(), {"work-told": (Subscription("work"),)})
    async with process(file, "work") as one, process(file, "work") as two:
        await asyncio.gather(lines(one, 1), lines(two, 1))
        await asyncio.gather(*(bus.publish("work-told", b"%d" % number) for number in range(300)))
        await empty(database)
        shares = [(await child.communicate(b""))[0].decode().split("\n") for child in (one, two)]

    await database.close()
    assert Counter(shares[0] + shares[1]) == Counter(
        [f"{number} {when}" for number in range(300) for when in ("begun", "done")] + ["", ""]
    )
    assert min(len(share) for share in shares) > 1


async def test_what_a_killed_process_held_is_taken_over_when_its_lease_ends(tmp_path):
    """A process killed while handling a message does not take it along: another hears it, as attempt two."""
    file = tmp_path / "frontdesk.sqlite"
    database = Database(file)
    heard = asyncio.Queue()
    bus = EmbeddedBus(database, EmbeddedClock(), {"work-told": (Subscription("work"),)}, Pace(lease=0.6))
    await bus.publish("work-told", b"x")
    async with process(file, "hang") as child:
        assert await lines(child, 1) == ["attempt 1"]
        child.kill()

    running = asyncio.create_task(bus.run(heard.put))
    async with asyncio.timeout(30):
        delivery = await heard.get()
    await bus.stop()
    await running
    await database.close()
    assert (delivery.body, delivery.attempt) == (b"x", 2)


async def test_a_job_that_takes_longer_than_its_lease_stays_with_its_process(tmp_path):
    """A lease is renewed while its job runs: another process that looks for work finds none."""
    file = tmp_path / "frontdesk.sqlite"
    database = Database(file)
    stolen = []
    bus = EmbeddedBus(database, EmbeddedClock(), {"work-told": (Subscription("work"),)})

    async def steal(delivery):
        stolen.append(delivery)

    await bus.publish("work-told", b"x")
    async with process(file, "hang") as child:
        await lines(child, 1)
        running = asyncio.create_task(bus.run(steal))
        await asyncio.sleep(1.2)  # two leases
        await bus.stop()
        await running
        held = await database.read(lambda rows: rows.execute("SELECT attempt FROM jobs").fetchall())

    await database.close()
    assert stolen == []
    assert held == [(1,)]  # nor did its own process take it for a lost one


async def test_several_processes_may_open_a_new_file_at_once(tmp_path):
    """Whoever comes first makes the tables; nobody fails."""
    file = tmp_path / "new" / "frontdesk.sqlite"
    opened = await asyncio.gather(*(asyncio.to_thread(Database, file) for _ in range(8)))

    for database in opened:
        await EmbeddedStore(database, EmbeddedClock()).ping()
        await database.close()
