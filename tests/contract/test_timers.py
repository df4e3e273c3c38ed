"""Timers: a handler is called at its instant, once where it can be, never early."""

import asyncio
from datetime import timedelta

from harness import until

from shared.domain.errors import Transient

SOON = timedelta(seconds=0.3)


async def remember(harness, handler="ring"):
    """Subscribe `handler`; what it is called with, and when, is appended to the list."""
    calls = []

    async def fire(fired):
        calls.append((fired, harness.ports.clock.now()))

    await harness.on_timer(handler, fire)
    return calls


def names(calls):
    return [fired.name for fired, _ in calls]


async def test_a_timer_calls_its_handler_with_its_payload(harness, timers):
    """Name and payload reach the handler as they were set."""
    calls = await remember(harness)
    payload = {"conversation": "c1", "n": 3, "text": "नमस्ते", "nested": {"list": [1, None, True]}}
    await timers.set("t1", harness.ports.clock.now(), "ring", payload)

    await until(lambda: calls)
    assert calls[0][0].name == "t1"
    assert calls[0][0].payload == payload


async def test_a_timer_is_never_early(harness, timers):
    """The handler is called at or after the instant, in whichever order timers were set."""
    calls = await remember(harness)
    now = harness.ports.clock.now()
    due = {f"t{tenths}": now + timedelta(seconds=tenths / 10) for tenths in (5, 1, 3)}
    for name, at in due.items():
        await timers.set(name, at, "ring", {})

    await until(lambda: len(calls) == 3)
    assert [name for name, at in ((fired.name, at) for fired, at in calls) if at < due[name]] == []


async def test_an_instant_in_the_past_is_now(harness, timers):
    """A timer whose time has gone by fires at once."""
    calls = await remember(harness)
    await timers.set("late", harness.ports.clock.now() - timedelta(days=2), "ring", {})

    await until(lambda: calls)
    assert names(calls) == ["late"]


async def test_a_name_set_twice_fires_once(harness, timers):
    """Setting a name again changes nothing: neither its time nor its payload."""
    calls = await remember(harness)
    due = harness.ports.clock.now() + SOON
    await timers.set("once", due, "ring", {"n": 1})
    await timers.set("once", due - SOON, "ring", {"n": 2})
    await timers.set("after", due + SOON, "ring", {})

    await until(lambda: "after" in names(calls))
    assert [(fired.name, fired.payload) for fired, _ in calls] == [("once", {"n": 1}), ("after", {})]


async def test_racing_sets_of_one_name_fire_once(harness, timers):
    """Sixteen callers that set the same name make one timer."""
    calls = await remember(harness)
    due = harness.ports.clock.now() + SOON
    await asyncio.gather(*(timers.set("race", due, "ring", {}) for _ in range(16)))
    await timers.set("after", due + SOON, "ring", {})

    await until(lambda: "after" in names(calls))
    assert names(calls).count("race") == 1


async def test_a_name_that_ran_changes_nothing_for_a_while(harness, timers):
    """A name is remembered after it ran: setting it again does not fire it again."""
    calls = await remember(harness)
    now = harness.ports.clock.now()
    await timers.set("ran", now, "ring", {})
    await until(lambda: calls)
    await asyncio.sleep(0.1)  # the handler's success is to be written down
    await timers.set("ran", now, "ring", {})
    await timers.set("after", now + SOON, "ring", {})

    await until(lambda: "after" in names(calls))
    assert names(calls) == ["ran", "after"]


async def test_a_new_name_arms_again_within_the_hour(harness, timers):
    """What moved in time is set under a name of its own, and fires."""
    calls = await remember(harness)
    now = harness.ports.clock.now()
    await timers.set("turn-c1-1", now, "ring", {})
    await until(lambda: calls)
    await timers.set("turn-c1-2", now, "ring", {})

    await until(lambda: len(calls) == 2)
    assert names(calls) == ["turn-c1-1", "turn-c1-2"]


async def test_a_cancelled_timer_does_not_fire(harness, timers):
    """Cancel forgets a timer; cancelling what is gone is no error."""
    calls = await remember(harness)
    due = harness.ports.clock.now() + timedelta(seconds=1)
    await timers.set("gone", due, "ring", {})
    await timers.cancel("gone")
    await timers.cancel("gone")
    await timers.cancel("never was")
    await timers.set("after", due + SOON, "ring", {})

    await until(lambda: "after" in names(calls))
    assert names(calls) == ["after"]


async def test_a_timer_may_be_years_ahead(harness, timers):
    """An instant beyond thirty days is kept, does not fire, and can be cancelled."""
    calls = await remember(harness)
    now = harness.ports.clock.now()
    await timers.set("in a month", now + timedelta(days=31), "ring", {})
    await timers.set("in three years", now + timedelta(days=1100), "ring", {})
    await timers.set("soon", now, "ring", {})

    await until(lambda: calls)
    await timers.cancel("in a month")
    await timers.cancel("in three years")
    assert names(calls) == ["soon"]


async def test_a_failing_handler_is_called_again(harness, timers):
    """A handler that raises is tried again until it succeeds, and then no more."""
    calls = []

    async def fail_twice(fired):
        calls.append(fired.name)
        if len(calls) < 3:
            raise Transient("not yet")

    await harness.on_timer("stubborn", fail_twice)
    heard = await remember(harness)
    await timers.set("again", harness.ports.clock.now(), "stubborn", {})
    await until(lambda: len(calls) == 3)
    await timers.set("after", harness.ports.clock.now() + SOON, "ring", {})

    await until(lambda: heard)
    assert calls == ["again"] * 3


async def test_a_handler_that_always_fails_is_given_up_and_others_go_on(harness, timers):
    """Attempts end, and a timer that cannot succeed holds up no other."""
    failed = []

    async def always_fail(fired):
        failed.append(fired.name)
        raise RuntimeError("cannot")

    await harness.on_timer("broken", always_fail, attempts=2)
    calls = await remember(harness)
    now = harness.ports.clock.now()
    await timers.set("poison", now, "broken", {})
    for number in range(20):
        await timers.set(f"good-{number}", now, "ring", {})

    await until(lambda: len(calls) == 20 and len(failed) == 2)
    await timers.set("after", harness.ports.clock.now() + SOON, "ring", {})
    await until(lambda: "after" in names(calls))
    assert failed == ["poison"] * 2


async def test_names_may_be_of_any_script_and_length(harness, timers):
    """A name made of ids, instants and other people's words is as good as any."""
    calls = await remember(harness)
    odd = ["turn/tenants/acme:2026-11-20T16:03:00.000000Z#1", "напоминание", "x" * 700, "a b?&%\"'"]
    for name in odd:
        await timers.set(name, harness.ports.clock.now(), "ring", {})

    await until(lambda: len(calls) == 4)
    assert sorted(names(calls)) == sorted(odd)


async def test_ping_answers(timers):
    """Ping returns while timers can be set."""
    await timers.ping()
