"""People come, go, fall silent and leave for good; no conversation is lost with them."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from shared.desk import presence
from shared.desk.inbox import Filter, counts, rows
from shared.desk.notices import notices
from shared.desk.notify import notify_people
from shared.desk.presence import heartbeat, set_presence, watch_presence
from shared.desk.resolve import resolve
from shared.desk.snooze import snooze
from shared.desk.speak import speak
from shared.desk.staff import follow_up
from shared.desk.sweep import sweep_outbox
from shared.desk.take import take
from shared.desk.tickets import assign_ticket, solve_ticket
from shared.domain.errors import Permanent, Transient
from shared.domain.instants import stamp
from shared.domain.tickets import Ticket, open_ticket
from shared.security.access import Access
from shared.security.people import Person, begins
from shared.security.sessions import Sessions
from shared.security.staff import Staff
from tests.unit.people.conftest import TENANT
from tests.unit.people.test_typed_elsewhere import typed


async def staff(shift, name):
    """The business's people in the hands of its owner; one of them can sign in."""
    platform = shift.services.platform
    one, owner = (
        Person(id=who, name=who.title(), email=f"{who}@sunrise.example", rights={TENANT: role})
        for who, role in ((name, "human_agent"), ("olga", "owner"))
    )
    await platform.commit(begins(one))
    access = Access(person=owner, session="session", csrf="csrf", platform=platform)
    return Staff(access, TENANT, shift.services.ports, follow_up)


def sessions(shift):
    """Who is signed in."""
    return Sessions(shift.services.platform, shift.clock)


async def taken(shift, name="arun"):
    """A colleague has the conversation, and another one is there."""
    actor = await shift.comes(name)
    await shift.asks()
    await take(*shift.place, by=actor)
    return actor


async def test_a_colleague_who_is_silent_loses_a_customer_who_waits(shift):
    """After the desk's time the conversation goes to somebody else, and not back to who was silent."""
    await taken(shift)
    await shift.comes("priya")
    await shift.passes(570)
    assert "arun" == (await shift.head()).assignee

    await shift.passes(30)

    handover = await shift.handover()
    assert (handover.state, handover.offered_to, handover.passed) == ("offered", "priya", ("arun",))
    assert (await shift.colleague("arun")).holding == ()


async def test_a_colleague_who_answered_keeps_the_conversation(shift):
    """Silence counts only while a customer waits; their next message starts it anew."""
    actor = await taken(shift)
    await speak(*shift.place, text="I am here", client_id="1", by=actor)
    await shift.passes(1200)
    assert "arun" == (await shift.head()).assignee

    await shift.comes("priya")
    await shift.customer_writes("hello?")
    await shift.passes(600)

    assert "priya" == (await shift.handover()).offered_to


async def test_who_goes_offline_gives_up_what_they_have(shift):
    """Their conversation is offered to the next at once."""
    actor = await taken(shift)
    await shift.comes("priya")
    del shift.at_work["arun"]

    await set_presence(shift.services, TENANT, "offline", by=actor)
    await shift.rings()

    assert ((await shift.head()).state, (await shift.handover()).offered_to) == ("pending_human", "priya")


async def test_who_is_removed_gives_up_what_they_have_and_may_not_come_back_by_themselves(shift):
    """The conversation waits for somebody else; their next sign of life is refused with a clear word."""
    actor = await taken(shift)
    await shift.comes("priya")
    del shift.at_work["arun"]

    await (await staff(shift, "arun")).remove("arun", sessions(shift))
    await shift.rings()

    assert "priya" == (await shift.handover()).offered_to
    with pytest.raises(Permanent, match="do not work here any more"):
        await heartbeat(shift.services, TENANT, by=actor)
    with pytest.raises(Permanent, match="do not work here any more"):
        await take(*shift.place, by=actor)
    with pytest.raises(Permanent, match="do not work here any more"):
        await speak(*shift.place, client_id="gone", by=actor, text="Hello?")
    assert "priya" == (await shift.handover()).offered_to


async def test_the_open_tickets_of_who_is_removed_are_nobodys_again(shift):
    """They stand in the list for others, grow more urgent again, and supervisors are told."""
    actor = await shift.comes("arun")
    await shift.comes("meera", role="supervisor")
    about = {"desk": "front", "conversation": "talk", "customer": "asha", "subject": "S", "description": "D"}
    for name in ("t1", "t2"):
        made = Ticket(id=name, created_at="", updated_at="", escalate_after=30, **about)
        await shift.put(f"tickets/{name}", open_ticket(made, shift.clock.now()))
        await assign_ticket(shift.services, TENANT, name, to="arun", by=actor)
    await solve_ticket(shift.services, TENANT, "t2", by=actor)
    del shift.at_work["arun"]

    await (await staff(shift, "arun")).remove("arun", sessions(shift))
    await shift.rings()

    assert [("t1", "", "open"), ("t2", "arun", "resolved")] == sorted(
        (one.id, one.assignee, one.state) for one in await shift.all("tickets", Ticket)
    )
    (told,) = await shift.told("ticket.given_up")
    await notify_people(shift.services, told)
    assert "A ticket is nobody's any more" == (await notices(shift.store, "meera"))[0].title
    await shift.passes(1860)
    assert "high" == next(one for one in await shift.all("tickets", Ticket) if one.id == "t1").priority


class Killed(BaseException):
    """The process ends here."""


class Ends:
    """Whatever is asked of it, the process ends at that moment."""

    def __getattr__(self, name):
        raise Killed


@pytest.mark.parametrize("relays", [True, False])
async def test_who_is_removed_gives_up_what_they_have_though_the_process_ends_right_after(shift, relays):
    """Where one commit holds all of it, and where a relay was cut off, the follow-up comes, and once."""
    await taken(shift)
    await shift.comes("priya")
    del shift.at_work["arun"]
    ours = await staff(shift, "arun")
    if relays:
        ours = replace(ours, ports=replace(ours.ports, together=None, timers=Ends()))

    with pytest.raises(Killed):
        await ours.remove("arun", Ends())
    assert (await shift.colleague("arun")).removed
    assert "arun" == (await shift.head()).assignee
    await shift.passes(31)
    await sweep_outbox(shift.services)
    await shift.rings()
    await watch_presence(shift.services, TENANT, "arun", "")

    over = await shift.handover()
    assert (("arun",), "priya") == (over.passed, over.offered_to)
    assert () == (await shift.colleague("arun")).holding


async def test_a_lost_connection_takes_a_customer_who_waits_elsewhere(shift):
    """Without a sign of life for the time a console has, what waits for them goes on."""
    await taken(shift)
    await shift.comes("priya")
    await shift.disappears("arun")

    await shift.passes(100)

    assert "priya" == (await shift.handover()).offered_to


async def test_a_lost_connection_leaves_a_conversation_that_waits_for_nothing(shift):
    """A phone that sleeps takes nothing away; waking up, its owner is there again."""
    actor = await taken(shift)
    await speak(*shift.place, text="One moment", client_id="1", by=actor)
    await shift.disappears("arun")
    await shift.passes(180)
    assert ("arun", "") == ((await shift.head()).assignee, (await shift.colleague("arun")).online_since)

    await heartbeat(shift.services, TENANT, by=actor)

    assert (await shift.colleague("arun")).online_since


async def test_away_one_keeps_what_one_has_and_is_given_no_more(shift):
    """Going for lunch is not going home."""
    actor = await taken(shift)

    await set_presence(shift.services, TENANT, "away", by=actor)

    assert ("human_active", "arun") == ((await shift.head()).state, (await shift.head()).assignee)


async def test_new_skills_are_offered_what_waits(shift):
    """Whoever learns what a waiting customer needs is asked at once."""
    await shift.publish(behavior={"escalation": {"handoff": [{"timeout": 600, "departments": ["billing"]}]}})
    await shift.comes("priya", skills=("billing",), capacity=1)
    priya = await shift.colleague("priya")
    await shift.put("colleagues/priya", msgspec.structs.replace(priya, holding=("another",)))
    await shift.comes("arun")
    await shift.asks()
    assert "waiting" == (await shift.handover()).state

    await (await staff(shift, "arun")).change("arun", role="human_agent", skills=("billing",), capacity=5)
    await shift.rings()

    assert "arun" == (await shift.handover()).offered_to


async def test_whoever_gets_room_is_offered_what_waits(shift):
    """Resolving one conversation brings the next."""
    await shift.publish(behavior={"escalation": {"handoff": [{"timeout": 600}]}})
    arun = await taken(shift)
    await shift.put("colleagues/arun", msgspec.structs.replace(await shift.colleague("arun"), capacity=1))
    first = shift.visitor
    shift.visitor = "another"
    await shift.asks()
    assert "waiting" == (await shift.handover()).state

    shift.visitor = first
    await resolve(*shift.place, by=arun)
    await shift.rings()

    shift.visitor = "another"
    assert ("offered", (shift.conversation,)) == (
        (await shift.handover()).state,
        (await shift.colleague("arun")).holding,
    )


async def test_what_a_failure_left_with_a_lost_colleague_goes_on_when_it_is_told_again(shift, monkeypatch):
    """They are forgotten as online only once all they had is given up; the timer's retry finds them."""
    await taken(shift)
    await shift.comes("priya")
    since = (await shift.colleague("arun")).online_since
    await shift.disappears("arun")
    shift.clock.pass_(100)
    await heartbeat(shift.services, TENANT, by=shift.at_work["priya"])
    with monkeypatch.context() as broken:
        broken.setattr(presence, "requeue", _busy)
        with pytest.raises(Transient):
            await watch_presence(shift.services, TENANT, "arun", since)

    await watch_presence(shift.services, TENANT, "arun", since)
    await shift.rings()

    assert "priya" == (await shift.handover()).offered_to
    assert "" == (await shift.colleague("arun")).online_since


async def test_what_a_failure_left_with_somebody_offline_is_given_up_by_their_timer(shift, monkeypatch):
    """Going offline and the timer that gives up what they had are one commit."""
    actor = await taken(shift)
    await shift.comes("priya")
    del shift.at_work["arun"]
    with monkeypatch.context() as broken:
        broken.setattr(presence, "requeue", _busy)
        with pytest.raises(Transient):
            await set_presence(shift.services, TENANT, "offline", by=actor)

    await shift.passes(120)

    assert () == (await shift.colleague("arun")).holding
    assert "arun" in (await shift.handover()).passed


async def _busy(*_, **__):
    raise Transient("the store is busy")


async def test_who_waits_for_an_answer_from_somebodys_phone_is_seen_and_passed_on(shift):
    """While they are answered there, nobody else need look; left waiting, they stand among who waits."""
    await shift.publish(behavior={"escalation": {"reassign_after": 120}})
    arun = await shift.comes("arun")
    await shift.customer_writes("hello")
    await typed(shift, "I am on it.")
    waiting = Filter(view="unassigned")
    assert () == (await rows(shift.services, TENANT, waiting)).items
    assert 0 == (await counts(shift.services, TENANT, "arun")).unassigned

    shift.clock.pass_(1)
    await shift.customer_writes("are you there?")

    assert [shift.conversation] == [
        one.conversation for one in (await rows(shift.services, TENANT, waiting)).items
    ]
    found = await counts(shift.services, TENANT, "arun")
    assert (1, 1) == (found.unassigned, found.unread_unassigned)
    await shift.passes(125)
    handover = await shift.handover()
    assert ("offered", "arun", ()) == (handover.state, handover.offered_to, handover.passed)
    await take(*shift.place, by=arun)


async def test_words_typed_before_the_customers_newest_leave_the_clock_of_silence_running(shift):
    """They come late and answer nothing, so whoever has the conversation is still expected to."""
    await shift.publish(behavior={"escalation": {"reassign_after": 120}})
    arun = await shift.comes("arun")
    await shift.comes("priya")
    await shift.customer_writes("hello")
    await take(*shift.place, by=arun)
    before = stamp(shift.clock.now())
    shift.clock.pass_(1)
    await shift.customer_writes("are you there?")

    await typed(shift, "One moment.", at=before)
    await shift.passes(125)

    assert "Arun was silent for too long" == (await shift.handover()).reason
    assert ("offered", "priya") == ((await shift.handover()).state, (await shift.handover()).offered_to)


async def test_what_was_put_off_comes_back_at_its_time_and_is_told(shift):
    """It is in no number meanwhile; put off anew, the first time passes without a word."""
    arun = await shift.comes("arun")
    await shift.customer_writes("hello")
    await take(*shift.place, by=arun)
    await speak(*shift.place, client_id="1", by=arun, text="I will look.")
    for minutes in (10, 20):
        await snooze(*shift.place, until=shift.clock.now() + timedelta(minutes=minutes), by=arun)
    assert 0 == (await counts(shift.services, TENANT, "arun")).mine

    await shift.passes(900)
    assert [] == await shift.told("conversation.came_back")
    await shift.passes(300)

    assert ("", 1) == (
        (await shift.head()).snoozed_until,
        (await counts(shift.services, TENANT, "arun")).mine,
    )
    (told,) = await shift.told("conversation.came_back")
    await notify_people(shift.services, told)
    assert "A conversation that was put off is back" == (await notices(shift.store, "arun"))[0].title
