"""An appointment goes its way over weeks by WhatsApp, however often the process behind it is restarted."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from house import LAB_TENANT, ROOT, SECRET, said
from virtual_days import Days, days_from

from shared.desk.runs.signal import decide_approval
from shared.domain.colleagues import Actor
from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving

KOLKATA, LONDON = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/London")
RESTAURANT, RESTAURANT_TENANT = "100000000000303", "saffron-table"
OWNER = Actor(id="meera", name="Meera", role="owner")
Begin = Callable[[datetime], Awaitable[Days]]


@pytest.fixture
async def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Begin]:
    """An installation that begins at an instant, with a Graph API to send to."""
    graph = GraphApi(token="t-graph", app_secret=SECRET)
    opened: list[Any] = []
    async with serving(graph.app) as url:

        async def days(at: datetime) -> Days:
            opened.append(days_from(at.astimezone(UTC), tmp_path, graph, url, ROOT / "configs", monkeypatch))
            return await opened[0].__aenter__()

        yield days
        for one in opened:
            await one.__aexit__(None, None, None)


def unasked(days: Days, zone: ZoneInfo) -> list[tuple[str, str]]:
    """What workflows told the customer: when by their clock, and what, of templates the name."""
    told = []
    for at, taken in zip(days.at, days.graph.accepted, strict=True):
        body = taken["body"]
        words = body["template"]["name"] if "template" in body else said(body)
        if "template" in body or words.startswith(("Confirmed: ", "Moved: ", "Thank you", "I am sorry")):
            told.append((f"{at.astimezone(zone):%d %b %H:%M}", words))
    return told


async def test_visits_over_31_days_with_restarts_in_between(begin: Begin) -> None:
    """Three visits: one moved, confirmed and rated, one missed, one cancelled. Each word comes once, at its
    time, none at night, and nothing comes of a time that was given up.
    """
    first = datetime(2027, 3, 1, 10, 0, tzinfo=KOLKATA)
    days = await begin(first)

    async def day(number: int, hour: int, minute: int = 0) -> None:
        await days.until(first.replace(hour=hour, minute=minute) + timedelta(days=number))
        await days.restart()

    await days.ask("I want to book a blood test on Sunday morning")
    await days.tap(days.rows()[0])  # Sunday the 7th, 07:00
    await day(3, 10)
    await days.ask("Please move my booking to next Tuesday morning")
    await days.tap(days.rows()[1])  # Tuesday the 9th, 07:45
    await day(7, 11)
    assert ["Thank you, see you Tue 9 Mar, 07:45."] == await days.ask("I will come!")
    await day(8, 13)
    await day(9, 9, 30)
    (sorry,) = await days.ask("2")
    assert sorry.startswith("I am sorry")
    await day(14, 10)
    await days.ask("I want to book a blood test on Saturday afternoon")
    await days.tap(days.rows()[0])  # Saturday the 20th, 12:00
    await day(17, 10)
    await day(19, 18)
    missed = next(run for run in await days.runs(LAB_TENANT) if run.asking)
    services = await days.running.process.services()
    await decide_approval(services, LAB_TENANT, missed.id, "came", approved=False, by=OWNER)
    await day(23, 11)
    await days.ask("I want to book a blood test on Tuesday")
    await days.tap(days.rows()[0])  # Tuesday the 30th, 07:00
    await day(25, 11)
    assert ["Cancelled: Visit at the lab, Tue 30 Mar, 07:00."] == await days.ask("Cancel my booking")
    await day(28, 12)
    await day(31, 10)

    assert [
        ("01 Mar 10:00", "Confirmed: Visit at the lab, Sun 7 Mar, 07:00."),
        ("04 Mar 10:00", "Moved: Visit at the lab, Tue 9 Mar, 07:45."),  # the desk's answer
        ("04 Mar 10:00", "Moved: Visit at the lab, Tue 9 Mar, 07:45."),
        ("08 Mar 09:00", "appointment_reminder"),  # 07:45 the day before is no hour to write
        ("08 Mar 11:00", "Thank you, see you Tue 9 Mar, 07:45."),
        ("10 Mar 09:00", "appointment_survey"),  # and neither is 05:45, nor 23:15 after the visit
        ("10 Mar 09:30", "I am sorry to hear that."),
        ("15 Mar 10:00", "Confirmed: Visit at the lab, Sat 20 Mar, 12:00."),
        ("19 Mar 12:00", "appointment_reminder"),
        ("20 Mar 10:00", "appointment_reminder"),
        ("20 Mar 18:00", "appointment_missed"),
        ("24 Mar 11:00", "Confirmed: Visit at the lab, Tue 30 Mar, 07:00."),
    ] == [(at, words.split(" Your ref")[0].split(" A coll")[0]) for at, words in unasked(days, KOLKATA)]
    assert [
        ("cancelled", None),
        ("completed", {"coming": True, "checked_in": False, "came": True, "rating": "2"}),
        ("completed", {"coming": False, "checked_in": False, "came": False, "rating": None}),
        ("cancelled", None),
    ] == [(run.status, run.outputs.get("outcome")) for run in await days.runs(LAB_TENANT)]
    tickets = {ticket["subject"] for ticket in await days.running.documents("tickets")}
    assert {"Rated 2 of 5: Visit at the lab", "Missed Visit at the lab, and no answer since"} == tickets
    assert days.restarts > 10


async def test_a_table_on_the_day_the_clocks_change(begin: Begin) -> None:
    """A table at 19:00 on the Sunday when summer time begins is told of at 18:00 on Saturday, 24 hours
    before, and at 17:00, two hours before, by the clock of London; then the guest is asked how it was.
    """
    days = await begin(datetime(2027, 3, 24, 12, 0, tzinfo=LONDON))
    guest = {"sender": "447700900123", "account": RESTAURANT}
    await days.ask("I would like to book a table for two on Sunday at 19:00", **guest)
    await days.restart()
    await days.until(datetime(2027, 3, 28, 9, 0, tzinfo=LONDON))
    await days.restart()
    await days.until(datetime(2027, 3, 29, 12, 0, tzinfo=LONDON))
    thanks = await days.ask("5", **guest)

    assert ["Thank you very much!"] == thanks
    assert [
        ("24 Mar 12:00", "Confirmed: Table, Sun 28 Mar, 19:00 BST."),
        ("27 Mar 18:00", "appointment_reminder"),
        ("28 Mar 17:00", "appointment_reminder"),
        ("29 Mar 10:30", "appointment_survey"),
        ("29 Mar 12:00", "Thank you very much!"),
    ] == [(at, words.split(" Your ref")[0]) for at, words in unasked(days, LONDON)]
    (run,) = await days.runs(RESTAURANT_TENANT)
    assert ("completed", "5") == (run.status, run.outputs["outcome"]["rating"])
