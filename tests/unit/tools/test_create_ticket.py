"""Tickets are created once and do not lie there forgotten."""

import msgspec
import pytest

from shared.domain.instants import instant
from shared.domain.tickets import Ticket, escalate, escalation_timer
from shared.ports import Query

WHAT = {"subject": "Wrong report", "description": "The report is of another person."}


async def tickets(desk):
    page = await desk.store.query("tickets", Query())
    return [msgspec.convert(document.data, Ticket) for document in page.documents]


async def test_a_ticket_says_whose_it_is_and_when_it_escalates(desk):
    """The record names conversation and customer; timers are set for its escalation and promise."""
    desk.written = {"tools": {"create_ticket": {"auto_escalate_minutes": 30}}}
    result = await desk.call("create_ticket", priority="high", **WHAT)
    (ticket,) = await tickets(desk)
    timer, clock, event = result.effects

    assert result.data == {"ticket": ticket.id, "priority": "high", "subject": "Wrong report"}
    assert (ticket.conversation, ticket.customer, ticket.state) == ("talk-asha", "asha", "open")
    assert [entry.what for entry in ticket.history] == ["created"]
    assert (timer.handler, timer.due) == ("escalate_ticket", "2026-11-20T05:00:00.000000Z")
    assert timer.payload == {"tenant": "acme", "ticket": ticket.id}
    assert timer.name == f"escalate-acme-{ticket.id}-20261120T050000"
    assert (clock.handler, clock.due) == ("ring_clock", ticket.due)
    assert ticket.due == "2026-11-20T09:30:00.000000Z"  # four hours, of which the desk rests one at noon
    assert event.event["what"] == "ticket.created"


async def test_the_same_call_again_creates_nothing_more(desk):
    """A turn that runs again later tells the ticket that stands, with its own timer."""
    first = await desk.call("create_ticket", call_id="turn-1", **WHAT)
    desk.clock.move(minutes=5)
    again = await desk.call("create_ticket", call_id="turn-1", **WHAT)

    assert len(await tickets(desk)) == 1
    assert first.data == again.data
    assert first.effects[0] == again.effects[0]


@pytest.mark.parametrize(("minutes", "priority"), [(0, "high"), (120, "urgent")])
async def test_no_timer_where_nothing_can_escalate(desk, minutes, priority):
    """A desk that never escalates, or a ticket that is urgent already, sets no timer."""
    desk.written = {"tools": {"create_ticket": {"auto_escalate_minutes": minutes}}}
    result = await desk.call("create_ticket", priority=priority, **WHAT)

    clock, event = result.effects
    assert (clock.handler, event.topic) == ("ring_clock", "happened")


async def test_the_desks_priority_holds_where_none_is_named(desk):
    """An agent that names no priority gets the desk's."""
    desk.written = {"tools": {"create_ticket": {"default_priority": "low"}}}

    assert (await desk.call("create_ticket", **WHAT)).data["priority"] == "low"


async def test_an_untaken_ticket_climbs_until_it_is_urgent(desk):
    """Each due escalation raises it one step, writes it down and sets the next, until nothing is higher."""
    await desk.call("create_ticket", priority="low", **WHAT)
    (ticket,) = await tickets(desk)
    seen = []
    while timer := escalation_timer(ticket, "acme"):
        ticket = escalate(ticket, instant(timer.due))
        seen.append((timer.due[11:16], ticket.priority))

    assert seen == [("06:30", "medium"), ("08:30", "high"), ("10:30", "urgent")]
    assert [entry.note for entry in ticket.history[1:]] == [
        "low to medium",
        "medium to high",
        "high to urgent",
    ]


@pytest.mark.parametrize(("state", "minutes"), [("open", 119), ("in_progress", 120), ("resolved", 500)])
async def test_a_ticket_that_is_early_or_taken_does_not_climb(desk, state, minutes):
    """A timer that fires early, or for a ticket somebody has, changes nothing."""
    await desk.call("create_ticket", **WHAT)
    (ticket,) = await tickets(desk)
    ticket = msgspec.structs.replace(ticket, state=state)
    desk.clock.move(minutes=minutes)

    assert escalate(ticket, desk.clock.now()) is ticket
