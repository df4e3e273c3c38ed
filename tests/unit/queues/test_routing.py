"""Who is offered a conversation, for how long, and what happens when nobody takes it."""

import asyncio
from datetime import timedelta

import pytest
from msgspec import structs

from shared.desk.assign import assign
from shared.desk.offer_waiting import offer_waiting
from shared.desk.requeue import requeue
from shared.desk.resolve import resolve
from shared.desk.route_handover import route_handover
from shared.desk.snooze import snooze
from shared.desk.take import take
from shared.domain.conversation import Head
from shared.domain.errors import Contested
from shared.domain.handovers import Handover
from shared.domain.instants import stamp
from shared.domain.tickets import Ticket
from tests.unit.people.conftest import TENANT

MEDICAL = {
    "escalation": {"handoff": [{"type": "human_agent", "timeout": 30, "departments": ["medical_team"]}]}
}
CLOSED = {"escalation": {"hours": {"sunday": ["09:00-10:00"]}}}


async def test_a_handover_is_offered_to_somebody_with_the_skill(shift):
    """The one who has the skill is offered it and holds it; the conversation is in the queue."""
    await shift.publish(behavior=MEDICAL)
    await shift.comes("arun")
    await shift.comes("priya", skills=("Medical Team",))

    await shift.asks()

    handover, head = await shift.handover(), await shift.head()
    assert (handover.state, handover.offered_to, head.state) == ("offered", "priya", "pending_human")
    assert (await shift.colleague("priya")).holding == (shift.conversation,)
    assert (await shift.colleague("arun")).holding == ()
    (offer,) = await shift.told("handover.offered")
    assert offer.data["to"] == "priya"


async def test_an_offer_that_runs_out_goes_to_the_next(shift):
    """Whoever lets it pass has room again, and the next who fits is asked."""
    await shift.comes("arun")
    await shift.comes("priya")
    await shift.asks()
    first = (await shift.handover()).offered_to

    await shift.passes(30)

    handover = await shift.handover()
    assert handover.state == "offered"
    assert {first, handover.offered_to} == {"arun", "priya"}
    assert handover.passed == (first,)
    assert (await shift.colleague(first)).holding == ()


async def test_when_nobody_takes_it_a_ticket_stands_and_the_desk_goes_on_knowing(shift):
    """The customer is told its number, the desk reads of it, and it leads people to the conversation."""
    await shift.comes("arun")
    await shift.asks()

    await shift.passes(30)

    handover, head = await shift.handover(), await shift.head()
    (ticket,) = await shift.all("tickets", Ticket)
    assert (handover.state, handover.fallback, head.state, head.handover) == (
        "unanswered",
        "create_ticket",
        "back_to_ai",
        "",
    )
    assert (ticket.conversation, ticket.handover) == (shift.conversation, handover.id)
    assert ticket.id in (await shift.said())[-1]
    (memory,) = await shift.documents("memory")
    assert ticket.id in str(memory["care"])
    assert (await shift.colleague("arun")).holding == ()


async def test_with_nobody_there_the_customer_is_told_at_once(shift):
    """Who says they are away, or gives no sign of life, is not waited for."""
    await shift.comes("arun", presence="away")
    await shift.comes("priya")
    await shift.disappears("priya")
    shift.clock.pass_(91)

    await shift.asks()

    assert (await shift.handover()).state == "unanswered"
    assert (await shift.head()).state == "back_to_ai"


async def test_outside_the_teams_hours_nobody_is_offered_it(shift):
    """The hours of people count, whoever has left their console open."""
    await shift.publish(behavior=CLOSED)
    await shift.comes("arun")

    await shift.asks()

    assert (await shift.handover()).state == "unanswered"
    assert [] == await shift.told("handover.offered")


async def test_a_second_request_adds_to_the_ticket_that_stands(shift):
    """A customer who asks again has one ticket, not two."""
    await shift.asks()
    await shift.asks()

    (ticket,) = await shift.all("tickets", Ticket)
    assert [entry.what for entry in ticket.history] == ["created", "noted"]
    assert 2 == len(await shift.handovers())


async def test_a_more_urgent_request_makes_the_ticket_that_stands_as_urgent(shift):
    """Its promise comes nearer and its clock is set; whoever looks after tickets is told."""
    sla = {"ticket_minutes": {"medium": 600, "urgent": 60}, "within_hours": False}
    await shift.publish(sla=sla)
    await shift.asks()
    (before,) = await shift.all("tickets", Ticket)
    emergency = {"triggers": [{"condition": "wants_human", "priority": "urgent"}]}
    await shift.publish(behavior={"escalation": emergency}, sla=sla)

    await shift.asks()

    (ticket,) = await shift.all("tickets", Ticket)
    assert ("medium", "urgent", "") == (before.priority, ticket.priority, ticket.escalate_at)
    assert stamp(shift.clock.now() + timedelta(minutes=60)) == ticket.due < before.due
    assert "escalated" == ticket.history[-1].what
    assert 1 == len(await shift.told("ticket.escalated"))
    await shift.passes(3600)
    assert 1 == len(await shift.told("ticket.late"))


@pytest.mark.parametrize(
    ("entries", "tools", "done"),
    [
        (
            [{"action": "create_urgent_ticket", "auto_reply": "A specialist calls you."}],
            {},
            "create_urgent_ticket",
        ),
        ([{"action": "schedule_callback", "auto_reply": "When may we call?"}], {}, "create_ticket"),
        (
            [{"action": "schedule_callback", "auto_reply": "When may we call?"}],
            {"schedule_callback": {}},
            "schedule_callback",
        ),
        ([{"action": "offer_alternative", "auto_reply": "Anything else?"}], {}, "offer_alternative"),
        ([{"action": "send_pigeon"}, {"action": "offer_alternative"}], {}, "offer_alternative"),
    ],
)
async def test_the_first_answer_of_the_file_that_can_be_given_is(shift, entries, tools, done):
    """A callback needs its tool; what no desk can do is passed over; the words are the file's own."""
    await shift.publish(
        behavior={"escalation": {"human_unavailable": entries}}, tools={"hand_over": {}, **tools}
    )

    await shift.asks()

    handover, said = await shift.handover(), (await shift.said())[-1]
    assert handover.fallback == done
    own = next((entry.get("auto_reply") for entry in entries if entry["action"] == done), None)
    assert own is None or own == said
    urgent = [ticket.priority for ticket in await shift.all("tickets", Ticket)]
    assert urgent == {"create_urgent_ticket": ["urgent"], "create_ticket": ["medium"]}.get(done, [])


async def test_a_desk_that_writes_tickets_asks_nobody(shift):
    """With mode create_ticket no offer is made, whoever is there."""
    await shift.publish(behavior={"escalation": {"mode": "create_ticket"}})
    await shift.comes("arun")

    await shift.asks()

    assert [] == await shift.told("handover.offered")
    assert (await shift.handover()).fallback == "create_ticket"
    passed_on, noted = await shift.said()
    assert "I am passing this on to our team." == passed_on
    assert noted.startswith("I have written down what you need under number")


async def test_where_all_are_busy_it_waits_and_is_offered_when_somebody_has_room(shift):
    """Capacity is never passed; a supervisor who comes online is asked at once."""
    await shift.comes("arun", capacity=1)
    busy = await shift.colleague("arun")
    await shift.put("colleagues/arun", busy.__class__(**{**_fields(busy), "holding": ("another",)}))
    await shift.asks()
    assert (await shift.handover()).state == "waiting"
    assert (await shift.head()).state == "pending_human"

    await shift.comes("meera", role="supervisor")
    await shift.rings()

    handover = await shift.handover()
    assert (handover.state, handover.offered_to) == ("offered", "meera")
    assert (await shift.colleague("arun")).holding == ("another",)


async def test_capacity_is_not_passed_by_many_at_once(shift):
    """Of twenty conversations that race for one colleague with room for three, three are offered."""
    await shift.comes("arun", capacity=3)
    for number in range(20):
        await _asked(shift, number)

    await asyncio.gather(*(route_handover(shift.services, TENANT, f"asked-{number}") for number in range(20)))

    arun, handovers = await shift.colleague("arun"), await shift.handovers()
    offered = [one.conversation for one in handovers if one.state == "offered"]
    assert sorted(offered) == sorted(arun.holding)
    assert 3 == len(offered)
    assert 17 == len([one for one in handovers if one.state == "waiting"])


async def test_a_timer_of_an_offer_that_is_over_does_nothing(shift):
    """Once somebody has taken it, or it moved on, the old generation is ignored."""
    arun = await shift.comes("arun")
    await shift.asks()
    await take(*shift.place, by=arun)

    await shift.passes(60)

    assert ((await shift.handover()).state, (await shift.head()).assignee) == ("active", "arun")


async def test_who_passed_it_on_is_not_asked_again(shift):
    """Put back, it goes to somebody else; with nobody else a ticket stands."""
    arun = await shift.comes("arun")
    await shift.asks()
    await take(*shift.place, by=arun)

    await requeue(shift.services, TENANT, shift.conversation, holder="arun", why="a test")
    await shift.rings()

    handover = await shift.handover()
    assert (handover.state, handover.passed) == ("unanswered", ("arun",))


async def test_a_customer_of_another_language_reads_our_words_in_theirs(shift):
    """The file's own words are in its first language; Hindi is answered in Hindi."""
    await shift.publish(
        behavior={"escalation": {"human_unavailable": [{"action": "create_ticket", "auto_reply": "Noted."}]}}
    )

    await shift.asks("मुझे किसी इंसान से बात करनी है")

    (ticket,) = await shift.all("tickets", Ticket)
    assert f"संख्या {ticket.id}" in (await shift.said())[-1]


def _fields(record):
    return {name: getattr(record, name) for name in record.__struct_fields__}


async def _asked(shift, number):
    """One of many conversations in which a person was just asked for."""
    at = "2026-11-23T04:30:00.000000Z"
    name = f"talk-{number}"
    await shift.put(
        f"conversations/{name}",
        Head(
            desk="front",
            channel="webchat",
            account="front",
            contact=name,
            customer=name,
            state="handover",
            handover=f"asked-{number}",
        ),
    )
    await shift.put(
        f"handovers/asked-{number}",
        Handover(
            id=f"asked-{number}",
            desk="front",
            conversation=name,
            customer=name,
            channel="webchat",
            asked_at=at,
        ),
    )


async def test_a_handover_that_cannot_be_offered_keeps_no_other_waiting(shift):
    """One of a conversation that is gone, the most urgent of all, is passed over."""
    await shift.publish(behavior={"escalation": {"handoff": [{"timeout": 600}]}})
    await shift.comes("arun", capacity=1)
    await shift.put("colleagues/arun", structs.replace(await shift.colleague("arun"), holding=("another",)))
    await shift.asks()
    waiting = await shift.handover()
    lost = structs.replace(waiting, id="lost", conversation="gone", priority="urgent")
    await shift.put("handovers/lost", lost)
    await shift.put("colleagues/arun", structs.replace(await shift.colleague("arun"), holding=()))

    await offer_waiting(shift.services, TENANT)

    assert (shift.conversation,) == (await shift.colleague("arun")).holding


async def test_what_is_put_back_into_the_queue_is_put_off_no_more(shift):
    """A snoozed conversation that waits for somebody is seen by everybody."""
    arun = await shift.comes("arun")
    await shift.asks()
    await take(*shift.place, by=arun)
    await snooze(*shift.place, until=shift.clock.now() + timedelta(days=1), by=arun)

    await assign(*shift.place, to="", by=arun)

    assert ("pending_human", "") == ((head := await shift.head()).state, head.snoozed_until)


async def test_closing_a_conversation_swallows_nothing_that_was_not_read(shift):
    """Whoever closes it names the newest message they read; a newer one of the customer's stops them."""
    arun = await shift.comes("arun")
    await shift.asks()
    await take(*shift.place, by=arun)
    read = (await shift.head()).last
    await shift.customer_writes("One more thing")

    with pytest.raises(Contested, match="written since"):
        await resolve(*shift.place, by=arun, upto=read)

    assert "resolved" == (await resolve(*shift.place, by=arun, upto=read + 1)).state


async def test_what_a_trigger_names_comes_first_where_nobody_is_there(shift):
    """Before what the file lists for everybody; what no desk can do is passed over."""
    trigger = {"condition": "wants_human", "action": "create_urgent_ticket"}
    listed = [{"action": "offer_alternative", "auto_reply": "Anything else?"}]
    escalation = {"triggers": [trigger], "human_unavailable": listed}
    await shift.publish(behavior={"escalation": escalation})
    await shift.asks()
    urgent = (await shift.handover()).fallback
    await shift.publish(behavior={"escalation": {**escalation, "triggers": [{**trigger, "action": "dance"}]}})
    await shift.asks()

    assert ("create_urgent_ticket", "offer_alternative") == (urgent, (await shift.handover()).fallback)
