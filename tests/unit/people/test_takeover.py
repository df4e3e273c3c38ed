"""Taking, passing on, giving back and closing: who may, what is written down, and that the desk is silent."""

import asyncio

import msgspec
import pytest

from shared.desk.assign import assign
from shared.desk.commit import Change, commit
from shared.desk.end_takeover import end_takeover
from shared.desk.hand_back import hand_back
from shared.desk.resolve import reopen, resolve
from shared.desk.route_handover import route_handover
from shared.desk.speak import speak
from shared.desk.take import take
from shared.domain.errors import Contested, Permanent
from tests.unit.people.conftest import ARUN, MEERA, PRIYA, TENANT


async def test_a_customer_who_asks_for_a_person_is_queued(office):
    """The turn asks, a timer routes at once, and both steps are written down with who and why."""
    handover = await office.queued()

    head = await office.head()
    assert (head.state, head.handover, head.assignee) == ("pending_human", handover, "")
    (kept,) = await office.handovers()
    assert (kept.state, kept.asked_seq, kept.type) == ("offered", 1, "human_agent")
    assert {"tenant": TENANT, "handover": handover} == (await office.waiting("route_handover"))[0]
    told = [(one["before"], one["after"], one["name"]) for one in await office.documents("transitions")]
    assert told == [
        ("ai_processing", "handover", "the desk"),
        ("handover", "pending_human", "the desk"),
    ]


async def test_routing_twice_changes_nothing(office):
    """A timer may fire twice; a handover that has moved on is let be."""
    handover = await office.queued()
    await take(*office.place, by=PRIYA)
    before = await office.head()

    await route_handover(office.services, TENANT, handover)
    await route_handover(office.services, TENANT, "unknown")

    assert before == await office.head()


async def test_whoever_takes_a_waiting_conversation_has_it(office):
    """Head, handover and what the colleague holds change together; taken again, nothing changes."""
    await office.queued()

    head = await take(*office.place, by=PRIYA)

    assert (head.state, head.assignee) == ("human_active", "priya")
    (kept,) = await office.handovers()
    assert (kept.state, kept.assignee, bool(kept.accepted_at)) == ("active", "priya", True)
    assert (await office.colleague("priya")).holding == (office.conversation,)
    assert head == await take(*office.place, by=PRIYA)


async def test_of_two_who_take_one_conversation_one_is_told_who_has_it(office):
    """Exactly one gets it; the other reads the name of who was first."""
    await office.queued()

    first, second = await asyncio.gather(
        take(*office.place, by=PRIYA), take(*office.place, by=ARUN), return_exceptions=True
    )

    (lost,) = [one for one in (first, second) if isinstance(one, Contested)]
    winner = (await office.head()).assignee
    assert winner.capitalize() in str(lost)
    assert (await office.colleague(winner)).holding == (office.conversation,)
    loser = {"priya": "arun", "arun": "priya"}[winner]
    assert (await office.colleague(loser)).holding == ()


async def test_what_the_desk_thinks_of_meanwhile_is_not_said(office):
    """Somebody takes a conversation while its answer is being made: the answer is dropped."""
    await office.customer_writes("When are you open?")
    head = await office.head()
    await commit(
        office.services.ports,
        office.store,
        office.conversation,
        lambda found, _: Change(head=msgspec.structs.replace(found, state="ai_processing", lease="x")),
    )

    taken = await take(*office.place, by=PRIYA)
    assert (taken.epoch, taken.lease) == (head.epoch + 1, "")
    await office.desk_answers()

    assert ["customer"] == [one.author for one in await office.messages()]


async def test_a_conversation_is_passed_on(office):
    """By whoever has it, or a supervisor; the colleague before holds it no more."""
    await office.queued()
    await take(*office.place, by=PRIYA)

    with pytest.raises(Contested, match="Priya"):
        await assign(*office.place, to="arun", by=ARUN)
    assert "arun" == (await assign(*office.place, to="arun", by=PRIYA)).assignee
    assert "priya" == (await assign(*office.place, to="priya", by=MEERA)).assignee
    with pytest.raises(Permanent, match="nobody of that id"):
        await assign(*office.place, to="nobody", by=MEERA)

    assert (await office.colleague("priya")).holding == (office.conversation,)
    assert (await office.colleague("arun")).holding == ()


async def test_a_conversation_goes_back_to_the_queue(office):
    """Nobody has it then, it is routed anew, and not to who just gave it away."""
    handover = await office.queued()
    await take(*office.place, by=PRIYA)

    head = await assign(*office.place, to="", by=PRIYA)

    assert (head.state, head.assignee, head.handover) == ("pending_human", "", handover)
    (kept,) = await office.handovers()
    assert (kept.state, kept.passed) == ("waiting", ("priya",))
    asked_again = [one for one in await office.waiting("route_handover") if "until" not in one]
    assert 2 == len(asked_again)
    assert (await office.colleague("priya")).holding == ()


async def test_what_was_handed_back_is_answered_by_the_desk(office):
    """The handover ends with summary and promises; what the customer wrote since is answered."""
    await office.queued()
    await take(*office.place, by=PRIYA)
    await speak(*office.place, text="I moved your visit.", client_id="1", by=PRIYA)
    await office.customer_writes("thanks, when are you open?")

    with pytest.raises(Contested, match="Priya"):
        await hand_back(*office.place, by=ARUN)
    head = await hand_back(
        *office.place, by=PRIYA, summary="Moved to Tuesday.", promises=["a call on Monday"]
    )

    assert (head.state, head.assignee, head.handover) == ("back_to_ai", "", "")
    (kept,) = await office.handovers()
    assert (kept.state, kept.note, kept.promises) == (
        "handed_back",
        "Moved to Tuesday.",
        ("a call on Monday",),
    )
    assert (await office.colleague("priya")).holding == ()
    await office.desk_answers()
    assert ("finished", "desk") == ((await office.head()).state, (await office.messages())[-1].author)
    with pytest.raises(Permanent, match="nothing to hand back"):
        await hand_back(*office.place, by=PRIYA)


async def test_a_silent_takeover_ends_by_itself(office):
    """After the desk's seconds without a word of people; a word in between makes the older timer void."""
    await office.queued()
    await take(*office.place, by=PRIYA)
    office.clock.pass_(3600)
    await speak(*office.place, text="One moment.", client_id="1", by=PRIYA)
    first, second = await office.waiting("end_takeover")

    await end_takeover(office.services, **first)
    assert "human_active" == (await office.head()).state
    await end_takeover(office.services, **second)
    assert "back_to_ai" == (await office.head()).state
    await end_takeover(office.services, **second)
    assert "back_to_ai" == (await office.head()).state


async def test_zero_seconds_let_a_takeover_last(office):
    """A desk that wants no timer sets none."""
    await office.publish(behavior={"escalation": {"hand_back_after": 0}})
    await office.queued()
    await take(*office.place, by=PRIYA)

    assert [] == await office.waiting("end_takeover")


async def test_a_resolved_conversation_is_closed_for_people_and_open_for_its_customer(office):
    """A person is told to reopen it first; the customer's next word begins a new episode with the desk."""
    await office.queued()
    await take(*office.place, by=PRIYA)
    head = await resolve(*office.place, by=PRIYA, summary="Refunded.", lesson="Refunds take two days.")

    assert (head.state, head.assignee, head.handover, head.first_waiting) == ("resolved", "", "", "")
    (kept,) = await office.handovers()
    assert (kept.state, kept.lesson) == ("resolved", "Refunds take two days.")
    assert head == await resolve(*office.place, by=ARUN)
    for refused in (
        take(*office.place, by=PRIYA),
        assign(*office.place, to="arun", by=MEERA),
        speak(*office.place, text="Hello?", client_id="1", by=PRIYA),
    ):
        with pytest.raises(Permanent, match="reopen it first"):
            await refused

    reopened = await reopen(*office.place, by=ARUN)
    assert (reopened.state, reopened.assignee) == ("human_active", "arun")
    with pytest.raises(Permanent, match="not resolved"):
        await reopen(*office.place, by=ARUN)
    await resolve(*office.place, by=ARUN)
    await office.customer_writes("one more thing")
    assert "new" == (await office.head()).state


async def test_a_change_the_table_does_not_know_is_refused(office):
    """Whoever asks for it: nothing is written, and the message says what may follow."""
    await office.queued()

    with pytest.raises(Permanent, match="pending_human cannot become finished"):
        await commit(
            office.services.ports,
            office.store,
            office.conversation,
            lambda found, _: Change(head=msgspec.structs.replace(found, state="finished")),
        )

    assert "pending_human" == (await office.head()).state


async def test_an_unknown_conversation_is_said_to_be_unknown(office):
    """A command on a conversation that is not there tells so."""
    for command in (take, resolve, reopen, hand_back):
        with pytest.raises(Permanent, match="unknown"):
            await command(office.services, TENANT, "nothing", by=PRIYA)
