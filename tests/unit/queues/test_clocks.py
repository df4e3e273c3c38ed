"""Promises of time: kept, broken, and counted in the hours of people."""

import json
from datetime import UTC, datetime

import pytest

from shared.config.people_clock import answer_due
from shared.config.validate import validate
from shared.desk.speak import speak
from shared.desk.take import take
from shared.desk.typed_elsewhere import person_spoke
from shared.domain.content import Content
from shared.domain.events import EchoReceived
from shared.domain.instants import stamp
from shared.domain.tickets import Ticket
from tests.unit.people.conftest import DESK, FILE

QUICK = {"human_answer_minutes": {"medium": 2}, "ticket_minutes": {"medium": 5}}


async def test_a_first_answer_that_comes_too_late_is_told(shift):
    """The handover is marked as breached and a fact tells people, once."""
    await shift.publish(sla=QUICK)
    arun = await shift.comes("arun")
    await shift.asks()
    await take(*shift.place, by=arun)

    await shift.passes(150)

    assert ("answer",) == (await shift.handover()).breached
    (late,) = await shift.told("handover.late")
    assert ("answer", "arun") == (late.data["promise"], late.data["assignee"])


async def test_an_answer_in_time_keeps_the_promise_and_the_solution_is_still_watched(shift):
    """A first answer stops its clock; that of the solution runs on until the handover is over."""
    await shift.publish(sla=QUICK)
    arun = await shift.comes("arun")
    await shift.asks()
    await take(*shift.place, by=arun)
    await speak(*shift.place, text="Hello", client_id="1", by=arun)

    await shift.passes(360)

    assert ("resolution",) == (await shift.handover()).breached


async def test_a_word_typed_on_the_businesss_own_phone_is_an_answer(shift):
    """Whoever answers there has kept the promise too."""
    await shift.publish(sla=QUICK)
    await shift.comes("arun")
    await shift.asks()
    event = EchoReceived(
        event_id="echo-1",
        channel="webchat",
        account="front",
        customer="visitor",
        message_id="echo-1",
        at="2026-11-23T04:31:00.000000Z",
        content=Content(text="I will call you"),
    )
    await person_spoke(shift.services, shift.store, DESK, shift.conversation, event)

    await shift.passes(150)

    handover = await shift.handover()
    assert ("active", (), True) == (handover.state, handover.breached, bool(handover.first_answer_at))


async def test_a_ticket_that_is_not_solved_in_time_is_late(shift):
    """It says so itself, in its history too, and people are told."""
    await shift.publish(sla=QUICK)
    await shift.asks()
    await shift.passes(300)

    (ticket,) = await shift.all("tickets", Ticket)
    assert (ticket.late, ticket.history[-1].what) == (True, "late")
    assert 1 == len(await shift.told("ticket.late"))


@pytest.mark.parametrize(
    ("within", "asked", "due"),
    [
        (True, datetime(2026, 11, 23, 7, 20, tzinfo=UTC), datetime(2026, 11, 23, 8, 50, tzinfo=UTC)),  # lunch
        (
            True,
            datetime(2026, 11, 23, 12, 15, tzinfo=UTC),
            datetime(2026, 11, 25, 3, 45, tzinfo=UTC),
        ),  # holiday
        (False, datetime(2026, 11, 23, 12, 15, tzinfo=UTC), datetime(2026, 11, 23, 12, 45, tzinfo=UTC)),
    ],
)
def test_the_clock_runs_while_people_are_there(within, asked, due):
    """Breaks, nights and holidays do not count, by the desk's own zone, unless its file says they do."""
    hours = {"daily": "09:00-13:00, 14:00-18:00", "holidays": {"2026-11-24": "closed"}}
    desk = {**FILE["desk"], "timezone": "Asia/Kolkata", "hours": hours}
    config = validate(json.dumps({**FILE, "desk": desk, "sla": {"within_hours": within}})).config

    assert stamp(due) == answer_due(config, "medium", asked)
