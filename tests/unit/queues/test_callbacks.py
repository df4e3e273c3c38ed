"""A call that was promised is made, or the customer is told."""

from datetime import timedelta

import msgspec
import pytest

from shared.desk import callback_work
from shared.desk.callback_work import callbacks, cancel, done, reschedule
from shared.desk.notices import notices
from shared.desk.notify import notify_people
from shared.desk.reports import record_echo
from shared.desk.resolve import resolve
from shared.desk.surroundings import change
from shared.desk.take import take
from shared.domain.callbacks import Callback
from shared.domain.colleagues import Actor
from shared.domain.content import Content
from shared.domain.errors import Permanent
from shared.domain.events import EchoReceived
from shared.domain.instants import stamp
from shared.domain.tickets import Ticket
from shared.outbox import Alarm
from tests.unit.desk.ends import end_of
from tests.unit.people.conftest import TENANT

MEERA = Actor(id="meera", name="Meera", role="supervisor")


@pytest.fixture
async def promised(shift):
    """A customer who wrote, and is to be called in ten minutes."""
    await shift.customer_writes("What are your hours?")
    await shift.desk_answers()
    due = shift.clock.now() + timedelta(minutes=10)
    await shift.put(
        "callbacks/c1",
        Callback(
            id="c1",
            desk="front",
            conversation=shift.conversation,
            customer=(await shift.head()).customer,
            phone="+919812345678",
            about="the price of braces",
            due=stamp(due),
            created_at=stamp(shift.clock.now()),
        ),
    )
    await _armed(shift, due)
    return shift.services, TENANT, "c1"


async def _armed(shift, due):
    alarm = Alarm(f"callback-{due:%H%M}", due, "ring_callback", {"tenant": TENANT, "callback": "c1"})
    await shift.services.ports.timers.set(alarm.name, alarm.due, alarm.handler, alarm.payload)


async def call(shift):
    return msgspec.convert((await shift.store.get("callbacks/c1")).data, Callback)


async def test_a_call_that_is_due_is_offered_with_its_number_and_made(shift, promised):
    """A colleague takes the conversation, calls, and notes what came of it."""
    arun = await shift.comes("arun")
    await shift.passes(600)
    handover = await shift.handover()
    assert ("callback", "offered", "arun") == (handover.type, handover.state, handover.offered_to)
    assert "+919812345678" in handover.summary

    await take(*shift.place, by=arun)
    made = await done(*promised, note="they will come on Friday", by=arun)

    assert ("done", "they will come on Friday", "arun") == (made.state, made.note, made.ended_by)
    assert (await shift.handover()).first_answer_at


async def test_a_call_nobody_takes_becomes_an_urgent_ticket_and_the_customer_is_told(shift, promised):
    """Nothing that was promised is silently dropped."""
    await shift.passes(600)

    (ticket,) = await shift.all("tickets", Ticket)
    missed = await call(shift)
    assert ("missed", ticket.id, "urgent") == (missed.state, missed.ticket, ticket.priority)
    assert await end_of(shift.process, "c1") is not None  # what is left to do is the ticket's
    assert await end_of(shift.process, ticket.id) is None
    assert (
        f"could not call you at the time we had agreed on. What you need stands under number {ticket.id}"
        in ((await shift.said())[-1])
    )
    assert "back_to_ai" == (await shift.head()).state


async def test_a_promised_call_goes_so_many_days_after_it_is_over(shift, promised):
    """However far ahead it is put, it stays until it is made or cancelled."""
    await shift.publish(privacy={"retention_days": 30})
    await reschedule(*promised, due=shift.clock.now() + timedelta(days=80), by=MEERA)
    assert await end_of(shift.process, "c1") is None

    await done(*promised, note="spoke with them", by=MEERA)

    assert stamp(shift.clock.now() + timedelta(days=30)) == await end_of(shift.process, "c1")


async def test_a_call_is_due_in_a_resolved_conversation_too(shift, promised):
    """What was promised stands, though the matter seemed closed."""
    await shift.comes("arun")
    await resolve(*shift.place, by=MEERA)

    await shift.passes(600)

    assert ("pending_human", "offered") == ((await shift.head()).state, (await shift.handover()).state)


async def test_a_call_is_theirs_who_have_the_conversation(shift, promised):
    """They are told of it, and nobody else is asked."""
    arun = await shift.comes("arun")
    await take(*shift.place, by=arun)

    await shift.passes(600)

    (told,) = await shift.told("callback.due")
    assert ("arun", "due") == (told.data["assignee"], (await call(shift)).state)
    assert [] == await shift.told("handover.offered")


async def test_a_call_that_is_moved_rings_at_its_new_time_alone(shift, promised):
    """The old timer finds it moved."""
    await shift.comes("arun")
    await reschedule(*promised, due=shift.clock.now() + timedelta(minutes=20), by=MEERA)
    await shift.passes(600)
    assert "waiting" == (await call(shift)).state

    await shift.passes(600)

    assert "due" == (await call(shift)).state


async def test_a_call_that_is_cancelled_while_somebody_is_looked_for_gives_the_word_back(shift, promised):
    """The offer ends, the colleague has room again, the desk answers."""
    await shift.comes("arun")
    await shift.passes(600)

    assert "cancelled" == (await cancel(*promised, by=MEERA)).state

    assert "back_to_ai" == (await shift.head()).state
    assert () == (await shift.colleague("arun")).holding
    with pytest.raises(Permanent, match="cancelled"):
        await done(*promised, by=MEERA)
    with pytest.raises(Permanent, match="from now to 90 days"):
        await reschedule(*promised, due=shift.clock.now() - timedelta(minutes=1), by=MEERA)


async def test_calls_are_listed_with_the_next_first(shift, promised):
    """By state and conversation."""
    later = msgspec.structs.replace(
        await call(shift), id="c2", due="2026-12-01T00:00:00.000000Z", state="done"
    )
    await shift.put("callbacks/c2", later)

    assert ["c1", "c2"] == [one.id for one in (await callbacks(shift.store)).items]
    assert ["c1"] == [one.id for one in (await callbacks(shift.store, state="waiting")).items]


async def test_a_call_that_is_closed_while_a_colleague_takes_it_stays_with_them(shift, promised, monkeypatch):
    """Whose it is, is decided in the commit that closes the call, not before it."""
    arun = await shift.comes("arun")
    await shift.passes(600)

    async def taken_first(services, store, *rest, **more):
        await take(*shift.place, by=arun)
        return await change(services, store, *rest, **more)

    monkeypatch.setattr(callback_work, "change", taken_first)

    await done(*promised, by=MEERA)

    assert ("human_active", "arun") == ((await shift.head()).state, (await shift.head()).assignee)
    assert "done" == (await call(shift)).state


async def test_a_call_due_while_a_phone_has_the_conversation_is_told_to_supervisors(shift, promised):
    """Nobody in the console has it, so that it is told to whoever can see to it."""
    await shift.comes("meera", role="supervisor")
    typed = EchoReceived(
        event_id="echo-1",
        channel="webchat",
        account="front",
        customer="visitor",
        message_id="echo-1",
        at=stamp(shift.clock.now()),
        content=Content(text="I am on it."),
    )
    await record_echo(shift.services, typed)
    await shift.passes(600)

    (told,) = await shift.told("callback.due")
    await notify_people(shift.services, told)

    assert "A customer is to be called now" in [one.title for one in await notices(shift.store, "meera")]


@pytest.mark.parametrize("silent", [True, False])
async def test_a_call_nobody_made_is_asked_for_again_once_people_left(shift, promised, silent):
    """By falling silent or by closing the conversation: it is brought up again, or its ticket stands."""
    await shift.publish(behavior={"escalation": {"hand_back_after": 1800}})
    arun = await shift.comes("arun")
    await take(*shift.place, by=arun)
    await shift.passes(600)
    assert "due" == (await call(shift)).state
    if silent:
        await shift.passes(1200)
        assert "back_to_ai" == (await shift.head()).state
    else:
        await resolve(*shift.place, by=arun)

    await shift.passes(960)

    (ticket,) = await shift.all("tickets", Ticket)
    assert ("callback", "missed", "urgent") == (
        (await shift.handover()).type,
        (await call(shift)).state,
        ticket.priority,
    )
