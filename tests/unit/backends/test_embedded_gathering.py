"""Facts published in one moment go down together: one statement, one answer each, none lost."""

import asyncio

import pytest

from shared.backends.embedded.bus import EmbeddedBus
from shared.backends.embedded.clock import EmbeddedClock
from shared.backends.embedded.gathering import Gathering
from shared.backends.embedded.jobs import Pace, Subscription
from shared.backends.embedded.store import EmbeddedStore
from shared.backends.embedded.timers import EmbeddedTimers
from shared.backends.embedded.together import EmbeddedTogether
from shared.domain.errors import Transient
from shared.ports import Put


def bus_on(database, **pace):
    return EmbeddedBus(database, EmbeddedClock(), {"told": (Subscription("work"),)}, Pace(**pace))


async def rows(database):
    return await database.read(lambda connection: connection.execute("SELECT body FROM jobs").fetchall())


async def test_what_is_published_in_one_moment_is_one_statement(database):
    """Fifty facts cost one INSERT."""
    seen = []
    database._writer.set_trace_callback(lambda sql: seen.append(sql) if "INSERT INTO jobs" in sql else None)
    bus = bus_on(database)
    await asyncio.gather(*(bus.publish("told", b"%d" % number) for number in range(50)))

    assert len(seen) == 1
    assert sorted(int(body) for (body,) in await rows(database)) == list(range(50))


async def test_a_burst_larger_than_a_statement_may_be_is_written_whole(database):
    """SQLite takes 32,766 values in a statement; five thousand facts have more."""
    bus = bus_on(database)
    await asyncio.gather(*(bus.publish("told", b"%d" % number) for number in range(5000)))

    assert {int(body) for (body,) in await rows(database)} == set(range(5000))


async def test_each_of_a_burst_is_heard_with_its_own_body_and_attributes(database):
    """Rows claimed as they are written are told apart, whatever their order."""
    heard = {}

    async def deliver(delivery):
        heard[delivery.body] = delivery.attributes

    bus = bus_on(database, poll=0.01)
    running = asyncio.create_task(bus.run(deliver))
    await asyncio.sleep(0)
    await asyncio.gather(
        *(bus.publish("told", b"%d" % number, attributes={"n": str(number)}) for number in range(40))
    )
    await bus.stop()
    await running

    assert heard == {b"%d" % number: {"n": str(number)} for number in range(40)}


async def test_a_publisher_that_went_away_takes_nobody_with_it(database):
    """Its fact and those beside it are written."""
    bus = bus_on(database)
    leaving, staying = (asyncio.create_task(bus.publish("told", body)) for body in (b"a", b"b"))
    await asyncio.sleep(0)
    leaving.cancel()
    await staying

    assert leaving.cancelled()
    assert await rows(database) == [(b"a",), (b"b",)]


async def test_a_failure_is_told_to_each_it_is_of_and_to_nobody_after():
    """Whoever was written together fails together; the next is written."""
    written = []

    async def write(items):
        written.append(items)
        if len(written) == 1:
            raise Transient("the disk is full")

    gathering = Gathering(write)
    first = await asyncio.gather(*(gathering.add([n]) for n in range(3)), return_exceptions=True)
    await gathering.add([3])

    assert [type(one) for one in first] == [Transient] * 3
    assert written == [[0, 1, 2], [3]]


@pytest.mark.parametrize("facts", [[], [("told", b"1")], [("told", b"1"), ("told", b"2")]])
async def test_a_commit_may_tell_any_number_of_facts(database, facts):
    """None is no statement at all, and leaves those that share the transaction alone."""
    clock = EmbeddedClock()
    store, timers = EmbeddedStore(database, clock), EmbeddedTimers(database, clock)
    together = EmbeddedTogether(database, store, bus_on(database), timers)
    await together.commit(
        [Put("things/a", {"n": 1})],
        facts=facts,
        timers=[],
    )

    assert [body for (body,) in await rows(database)] == [body for _, body in facts]
    assert (await store.get("things/a")).data == {"n": 1}
