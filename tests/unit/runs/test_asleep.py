"""Runs that sleep: they cost nothing, and wake once, on their day and at their hour by the desk's clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.config.crons import next_time
from shared.desk.runs.view import standing
from shared.domain.instants import instant, stamp
from shared.domain.runs import thread_of
from shared.runs.checkpoints import StoreSaver
from tests.drills.runs_sleeping import sleep

BERLIN = ZoneInfo("Europe/Berlin")
WINTER = datetime(2027, 11, 1, 6, 0, tzinfo=UTC)
"""From here 400 days hold a leap day and two changes of the clocks."""
UNTIL = {"id": "sleep", "wait": {"until": "input.until"}}


async def test_many_sleep_for_nothing_and_those_of_one_minute_wake_once(tmp_path):
    """Of 60 runs those 20 that are due are over after their minute, and the others were not touched."""
    slept = await sleep(tmp_path, 60, 20)

    assert 20 == len(slept.up)
    assert [["sleep", "up"]] * 20 == [[entry.node for entry in run.trace] for run in slept.up]
    assert (40, 0) == (len(slept.still), slept.changed)


async def test_no_run_sleeps_longer_than_its_steps_are_kept(flow):
    """A later instant fails its step, and one beyond the calendar too: neither breaks what advances it."""
    for at, why in (
        (stamp(flow.front.clock.now() + timedelta(days=401)), "400 days"),
        ("9999-12-31T23:59", "400 days"),
        ("0001-01-01T00:00", "calendar"),
    ):
        await flow.publish(flow=[{"id": "sleep", "wait": {"until": "input.at", "before": "1h"}}])
        run = await flow.go(input={"at": at})

        assert ("failed", True) == (run.status, why in run.error), run.error


async def test_a_run_whose_steps_are_gone_is_set_aside(flow):
    """What it did is not known any more, so it is not done again: a person looks at it."""
    await flow.front.publish(tools={"create_ticket": {}})
    made = {"id": "made", "tool": "create_ticket", "arguments": {"subject": "s", "description": "d"}}
    await flow.publish(flow=[made, {"id": "sleep", "wait": {"for": "9d"}}])
    run = await flow.go()
    saver = StoreSaver(flow.front.store, flow.front.clock)
    await saver.adelete_thread(thread_of(run))
    woken = await flow.wait_out(run.id)

    assert ("parked", True) == (woken.status, "kept no more" in woken.error)
    assert 1 == len(await flow.front.documents("tickets"))


async def test_400_days_of_waits_end_at_their_hour_by_the_clock_of_the_desk(flow):
    """A run for every ninth day, the days the clocks change and the leap day: each sleeps until 09:00 there,
    is not woken a moment before, and is woken once.
    """
    flow.front.clock.at = WINTER
    flow.front.written["desk"]["timezone"] = BERLIN.key
    await flow.publish(flow=[UNTIL])
    begins = WINTER.date()
    special = {date(2028, 2, 29), date(2028, 3, 26), date(2028, 10, 29)}
    days = sorted({begins + timedelta(days=n) for n in range(0, 400, 9)} | special)
    runs = [await flow.start(input={"until": f"{day}T09:00"}) for day in days]
    waits = [(await flow.advance(run)).waits[0] for run in runs]
    for run, wait, day in zip(runs, waits, days, strict=True):
        flow.front.clock.at = instant(wait.due) - timedelta(seconds=1)
        early = await flow.advance(run, node=wait.node, nth=wait.nth)
        flow.front.clock.move(seconds=1)
        for _ in "ab":
            over = await flow.advance(run, node=wait.node, nth=wait.nth)
        at = instant(over.outputs["sleep"]["at"]).astimezone(BERLIN)

        assert ("waiting", "completed") == (early.status, over.status)
        assert (day, "09:00") == (at.date(), f"{at:%H:%M}")
        assert 1 == len(over.trace)


def test_a_daily_time_comes_400_times_in_400_days():
    """Every day has its 09:00 by the desk's clock and no day has two, whatever the clocks do."""
    at, found = WINTER, []
    while len(found) < 400:
        at = next_time("0 9 * * *", at, BERLIN.key)
        assert at is not None
        found.append(at.astimezone(BERLIN))

    assert [WINTER.date() + timedelta(days=n) for n in range(400)] == [one.date() for one in found]
    assert {"09:00"} == {f"{one:%H:%M}" for one in found}


async def test_how_far_a_run_came_is_read_once(flow, monkeypatch):
    """Its newest checkpoint and what was written since: two questions, which in the cloud are a way each."""
    await flow.publish(flow=[{"id": "sleep", "wait": {"for": "1h"}}, {"id": "up", "set": {"n": "`1`"}}])
    run = await flow.go()
    store, asked = type(flow.services.ports.store), []
    query = store.query

    async def counted(self, collection, wanted):
        asked.append(collection.rpartition("/")[2])
        return await query(self, collection, wanted)

    monkeypatch.setattr(store, "query", counted)
    _, state = await standing(flow.services, flow.front.store, run)

    assert ["sleep"] == list(state["armed"])
    assert ["checkpoints", "writes"] == asked
