"""People come, go, fall silent and leave for good; no conversation is lost with them."""

import msgspec
import pytest

from shared.desk import presence
from shared.desk.presence import heartbeat, set_presence, watch_presence
from shared.desk.resolve import resolve
from shared.desk.speak import speak
from shared.desk.staff import staff_changed
from shared.desk.take import take
from shared.domain.colleagues import Actor
from shared.domain.errors import Permanent, Transient
from tests.unit.people.conftest import TENANT

OWNER = Actor(id="olga", name="Olga", role="owner")


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

    gone = msgspec.structs.replace(await shift.colleague("arun"), removed=True, presence="offline")
    await shift.put("colleagues/arun", gone)
    await staff_changed(shift.services, TENANT, gone, OWNER)
    await shift.rings()

    assert "priya" == (await shift.handover()).offered_to
    with pytest.raises(Permanent, match="do not work here any more"):
        await heartbeat(shift.services, TENANT, by=actor)


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

    learned = msgspec.structs.replace(await shift.colleague("arun"), skills=("billing",))
    await shift.put("colleagues/arun", learned)
    await staff_changed(shift.services, TENANT, learned)
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
