"""People come, go, fall silent and leave for good; no conversation is lost with them."""

import pytest

from shared.desk.presence import heartbeat, set_presence
from shared.desk.speak import speak
from shared.desk.staff import put_colleague, remove_colleague
from shared.desk.take import take
from shared.domain.colleagues import Actor, Colleague
from shared.domain.errors import Permanent
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

    await remove_colleague(shift.services, TENANT, "arun", by=OWNER)
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


async def test_only_an_owner_changes_who_works_here(shift):
    """A human agent is refused; a capacity that is none is too."""
    wanted = Colleague(id="new", name="New")
    with pytest.raises(Permanent, match="only an owner"):
        await put_colleague(shift.services, TENANT, wanted, by=Actor(id="arun", name="Arun"))
    with pytest.raises(Permanent, match="capacity"):
        await put_colleague(shift.services, TENANT, Colleague(id="new", name="New", capacity=0), by=OWNER)
    with pytest.raises(Permanent, match="nobody of that id"):
        await remove_colleague(shift.services, TENANT, "nobody", by=OWNER)


async def test_new_skills_keep_what_somebody_holds(shift):
    """An edit of their card changes neither presence nor what they have."""
    await taken(shift)

    await put_colleague(
        shift.services, TENANT, Colleague(id="arun", name="Arun K", skills=("hi",), capacity=2), by=OWNER
    )

    arun = await shift.colleague("arun")
    assert (arun.name, arun.skills, arun.capacity, arun.presence) == ("Arun K", ("hi",), 2, "online")
    assert arun.holding == (shift.conversation,)
