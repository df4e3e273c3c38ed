"""Bus and timers of one machine, with a clock the test moves: pauses, attempts, names, and stopping."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from shared.backends.embedded.bus import EmbeddedBus
from shared.backends.embedded.jobs import Pace, Subscription
from shared.backends.embedded.timers import EmbeddedTimers
from shared.domain.errors import Permanent, Transient

QUICK = Pace(poll=0.01)


@asynccontextmanager
async def running(loop, port):
    """The loop as a task, stopped at the end."""
    task = asyncio.create_task(loop)
    try:
        yield
    finally:
        await port.stop()
        await task


async def until(condition):
    async with asyncio.timeout(30):
        while True:
            if condition():
                return
            await asyncio.sleep(0.002)


async def letters(bus):
    """The dead letters as soon as there are any."""
    async with asyncio.timeout(30):
        while True:
            if dead := await bus.dead():
                return dead
            await asyncio.sleep(0.01)


async def settled(port):
    """The loop has looked again, and how attempts ended is written down."""
    await asyncio.sleep(0.05)
    await until(lambda: not port._jobs._running)


def bus_on(database, clock, subscription):
    return EmbeddedBus(database, clock, {"told": (subscription,)}, QUICK)


@pytest.mark.parametrize(
    ("attempt", "least", "most"),
    [
        (1, 0.9, 1.1),  # the least pause
        (2, 1.8, 2.2),  # doubled
        (5, 14.4, 17.6),
        (9, 54, 66),  # the most, not 256
        (5000, 54, 66),  # and no overflow
    ],
)
def test_pauses_double_from_the_least_to_the_most(attempt, least, most):
    """With a tenth of chance either way."""
    pauses = [Subscription("work", 10, 1, 60).pause(attempt) for _ in range(200)]

    assert least <= min(pauses)
    assert max(pauses) <= most
    assert len(set(pauses)) > 100


async def test_a_failed_delivery_waits_for_its_pause(database, moved):
    """Until the clock has moved by the pause the handler is not told again."""
    heard = []

    async def deliver(delivery):
        heard.append(delivery.attempt)
        raise RuntimeError("no")

    bus = bus_on(database, moved, Subscription("work", 3, 10, 100))
    async with running(bus.run(deliver), bus):
        await bus.publish("told", b"x")
        await until(lambda: heard == [1])
        moved.move(seconds=8.9)
        await settled(bus)
        assert heard == [1]
        moved.move(seconds=2.2)
        await until(lambda: heard == [1, 2])
        await settled(bus)
        moved.move(seconds=17)
        await settled(bus)
        assert heard == [1, 2]
        moved.move(seconds=6)
        await until(lambda: heard == [1, 2, 3])


async def test_retry_after_is_honoured(database, moved):
    """A handler that says when to come again is not told earlier, however short the pause is."""
    heard = []

    async def deliver(delivery):
        heard.append(delivery.attempt)
        raise Transient("the vendor is down", retry_after=120)

    bus = bus_on(database, moved, Subscription("work", 5, 1, 10))
    async with running(bus.run(deliver), bus):
        await bus.publish("told", b"x")
        await until(lambda: heard == [1])
        await settled(bus)
        moved.move(seconds=119)
        await settled(bus)
        assert heard == [1]
        moved.move(seconds=1.1)
        await until(lambda: heard == [1, 2])


async def test_a_message_that_kills_its_process_dies_too(database, moved):
    """Attempts are counted when they begin: a job whose processes never come back is given up."""
    bus = bus_on(database, moved, Subscription("work", attempts=2))
    await bus.publish("told", b"x")
    await database.write(lambda connection: connection.execute("UPDATE jobs SET attempt = 2"))
    heard = asyncio.Queue()
    async with running(bus.run(heard.put), bus):
        dead = await letters(bus)

    assert heard.empty()
    assert "never came to an end" in dead[0].error


async def test_no_more_run_at_once_than_the_pace_allows(database, moved):
    """Of twenty messages three are under way at any time."""
    under_way, most = 0, 0

    async def deliver(delivery):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.002)
        under_way -= 1
        done.append(delivery.id)

    done = []
    bus = EmbeddedBus(database, moved, {"told": (Subscription("work"),)}, Pace(concurrency=3, poll=0.01))
    async with running(bus.run(deliver), bus):
        await asyncio.gather(*(bus.publish("told", b"x") for _ in range(20)))
        await until(lambda: len(set(done)) == 20)

    assert most == 3


async def test_a_graceful_stop_lets_handlers_finish(database, moved):
    """What runs is awaited, what waits stays for the next start."""
    begun, finished = asyncio.Event(), []

    async def deliver(delivery):
        begun.set()
        await asyncio.sleep(0.05)
        finished.append(delivery.body)

    bus = bus_on(database, moved, Subscription("work"))
    task = asyncio.create_task(bus.run(deliver))
    await bus.publish("told", b"x")
    await begun.wait()
    await bus.stop(grace=30)
    await task

    assert finished == [b"x"]
    left = await database.read(lambda connection: connection.execute("SELECT * FROM jobs").fetchall())
    assert left == []


async def test_a_hasty_stop_gives_back_what_it_cuts_short(database, moved):
    """An attempt that was cancelled does not count, and the next process may have the message at once."""
    begun = asyncio.Event()

    async def hang(delivery):
        begun.set()
        await asyncio.sleep(600)

    bus = bus_on(database, moved, Subscription("work"))
    task = asyncio.create_task(bus.run(hang))
    await bus.publish("told", b"x")
    await begun.wait()
    await bus.close()
    await task

    heard = asyncio.Queue()
    again = bus_on(database, moved, Subscription("work"))
    async with running(again.run(heard.put), again), asyncio.timeout(30):
        assert (await heard.get()).attempt == 1


async def test_a_stop_before_the_start_is_final(database, moved):
    """A process told to stop while it starts does not begin to work."""
    bus = bus_on(database, moved, Subscription("work"))
    await bus.stop()
    async with asyncio.timeout(30):
        await bus.run(asyncio.Queue().put)


async def test_a_letter_of_a_handler_unsubscribed_since_is_still_told(database, moved):
    """What was published for a handler is its own, with the default attempts."""
    await bus_on(database, moved, Subscription("old")).publish("told", b"x")
    heard = asyncio.Queue()
    bus = EmbeddedBus(database, moved, {}, QUICK)
    async with running(bus.run(heard.put), bus), asyncio.timeout(30):
        assert (await heard.get()).handler == "old"


async def test_a_timer_a_year_ahead_fires_on_its_day(database, moved):
    """Four hundred days go by, and it is called once, at its instant and no moment before."""
    fired = []

    async def fire(firing):
        fired.append((firing.name, moved.now()))

    timers = EmbeddedTimers(database, moved, pace=QUICK)
    due = moved.now() + timedelta(days=400)
    async with running(timers.run(fire), timers):
        await timers.set("anniversary", due, "ring", {})
        moved.move(days=399, hours=23, minutes=59, seconds=59, microseconds=999_999)
        await settled(timers)
        assert fired == []
        moved.move(microseconds=1)
        await until(lambda: fired)
        moved.move(days=400)
        await settled(timers)

    assert fired == [("anniversary", due)]


async def test_a_name_is_free_again_an_hour_after_it_ran(database, moved):
    """Within the hour a set changes nothing; after it the name is a new timer's."""
    fired = []

    async def fire(firing):
        fired.append(firing.payload)

    timers = EmbeddedTimers(database, moved, pace=QUICK)
    async with running(timers.run(fire), timers):
        await timers.set("once", moved.now(), "ring", {"n": 1})
        await until(lambda: fired)
        await settled(timers)
        moved.move(minutes=59)
        await timers.set("once", moved.now(), "ring", {"n": 2})
        await settled(timers)
        assert fired == [{"n": 1}]
        moved.move(minutes=2)
        await timers.set("once", moved.now(), "ring", {"n": 3})
        await until(lambda: len(fired) == 2)

    assert fired == [{"n": 1}, {"n": 3}]


async def test_a_cancelled_name_stays_taken(database, moved):
    """As in Cloud Tasks: whoever reuses a name learns it here, not in production."""
    timers = EmbeddedTimers(database, moved, pace=QUICK)
    fired = asyncio.Queue()
    await timers.set("moved", moved.now() + timedelta(minutes=5), "ring", {})
    await timers.cancel("moved")
    await timers.set("moved", moved.now(), "ring", {})
    await timers.set("after", moved.now(), "ring", {})
    async with running(timers.run(fired.put), timers), asyncio.timeout(30):
        assert (await fired.get()).name == "after"
        await settled(timers)

    assert fired.empty()


async def test_a_timer_cancelled_while_it_fails_is_not_tried_again(database, moved):
    """Cancel holds also for the attempts that were to come."""
    begun, cancelled, attempts = asyncio.Event(), asyncio.Event(), []

    async def fire(firing):
        attempts.append(firing.attempt)
        begun.set()
        await cancelled.wait()
        raise RuntimeError("no")

    timers = EmbeddedTimers(database, moved, {"ring": Subscription("ring", 5, 0.01, 0.01)}, QUICK)
    async with running(timers.run(fire), timers):
        await timers.set("t", moved.now(), "ring", {})
        await begun.wait()
        await timers.cancel("t")
        cancelled.set()
        await settled(timers)
        moved.move(minutes=1)
        await settled(timers)

    assert attempts == [1]


async def test_a_timer_that_is_given_up_is_a_dead_letter_and_can_be_replayed(database, moved):
    """Its letter names the handler and holds the payload; a replay calls it again under its name."""
    broken, fired = [True], []

    async def fire(firing):
        if broken:
            raise Permanent("the workflow 'onboarding' has no step 'sign': publish one that has")
        fired.append((firing.name, firing.payload, firing.attempt))

    timers = EmbeddedTimers(database, moved, pace=QUICK)
    bus = EmbeddedBus(database, moved, {}, QUICK)
    async with running(timers.run(fire), timers):
        await timers.set("t", moved.now(), "advance_run", {"run": "r1"})
        dead = await letters(bus)
        assert (dead[0].topic, dead[0].handler, dead[0].body) == ("timers", "advance_run", b'{"run":"r1"}')
        assert "no step 'sign'" in dead[0].error
        broken.clear()
        await bus.replay(dead[0].id)
        await until(lambda: fired)

    assert fired == [("t", {"run": "r1"}, 1)]


async def test_a_loop_cancelled_in_the_instant_it_is_woken_ends(database, moved):
    """Neither the wake nor the cancellation is lost, so that a server stops when it is told to."""
    bus = bus_on(database, moved, Subscription("work"))

    async def deliver(_):
        pass

    loop = asyncio.create_task(bus.run(deliver))
    await asyncio.sleep(0.05)
    for _ in range(20):
        bus._jobs.wake()
        await asyncio.sleep(0)
        loop.cancel()
        async with asyncio.timeout(10):
            await asyncio.wait([loop])
        assert loop.cancelled()
        loop = asyncio.create_task(bus.run(deliver))
        await asyncio.sleep(0.02)
    loop.cancel()
    await asyncio.wait([loop])
