"""Tickets as people work on them."""

from datetime import timedelta

import pytest

from shared.desk.ticket_list import NOBODY, Filter, find_ticket, tickets
from shared.desk.tickets import assign_ticket, note_ticket, raise_ticket, reopen_ticket, solve_ticket
from shared.domain.colleagues import Actor
from shared.domain.errors import Contested, Permanent
from shared.domain.instants import stamp
from shared.domain.tickets import Ticket, open_ticket
from tests.unit.desk.ends import end_of
from tests.unit.people.conftest import TENANT

MEERA = Actor(id="meera", name="Meera", role="supervisor")


@pytest.fixture
async def ticket(shift):
    """One open ticket, and two who may work on it."""
    await shift.comes("arun")
    await shift.comes("priya")
    await _stands(shift, "t1")
    return shift.services, TENANT, "t1"


async def _stands(shift, name, **fields):
    about = {"desk": "front", "conversation": "talk", "customer": "asha", "subject": "S", "description": "D"}
    made = Ticket(id=name, created_at="", updated_at="", escalate_after=30, **{**about, **fields})
    await shift.put(f"tickets/{name}", open_ticket(made, shift.clock.now()))


async def test_a_ticket_is_taken_solved_and_opened_again(shift, ticket):
    """Each step is in its history with who and why; who had it has it again."""
    arun = shift.at_work["arun"]
    await assign_ticket(*ticket, to="arun", by=arun)
    await note_ticket(*ticket, text="called the lab", by=arun)
    solved = await solve_ticket(*ticket, note="a new report was sent", by=arun)
    again = await reopen_ticket(*ticket, note="it is wrong again", by=MEERA)

    assert ("resolved", True) == (solved.state, bool(solved.solved_at))
    assert ("in_progress", "arun", "") == (again.state, again.assignee, again.solved_at)
    assert [(one.what, one.name) for one in again.history] == [
        ("created", ""),
        ("assigned", "Arun"),
        ("noted", "Arun"),
        ("resolved", "Arun"),
        ("reopened", "Meera"),
    ]
    told = [
        fact.what
        for what in ("assigned", "resolved", "reopened")
        for fact in await shift.told(f"ticket.{what}")
    ]
    assert told == ["ticket.assigned", "ticket.resolved", "ticket.reopened"]


async def test_a_ticket_goes_so_many_days_after_it_is_solved(shift, ticket):
    """While somebody has to look after it, it stays; opened again, it stays again."""
    await shift.publish(privacy={"retention_days": 30})
    await note_ticket(*ticket, text="called the lab", by=MEERA)
    assert await end_of(shift.process, "t1") is None

    await solve_ticket(*ticket, by=MEERA)
    assert stamp(shift.clock.now() + timedelta(days=30)) == await end_of(shift.process, "t1")

    shift.clock.pass_(60)
    await note_ticket(*ticket, text="they are happy", by=MEERA)
    assert stamp(shift.clock.now() + timedelta(days=30)) == await end_of(shift.process, "t1")

    await reopen_ticket(*ticket, by=MEERA)
    assert await end_of(shift.process, "t1") is None


async def test_the_desk_knows_what_was_solved(shift, ticket):
    """A customer who asks after their ticket hears what became of it; said twice, it is known once."""
    for _ in range(2):
        await solve_ticket(*ticket, note="a new report was sent", by=MEERA)

    (memory,) = await shift.left_behind("talk")
    assert ["Ticket t1 (S) is solved. a new report was sent"] == [one["summary"] for one in memory["care"]]


async def test_two_who_take_one_ticket(shift, ticket):
    """The second is told who has it; a supervisor may give it to somebody else."""
    arun, priya = shift.at_work["arun"], shift.at_work["priya"]
    await assign_ticket(*ticket, to="arun", by=arun)
    with pytest.raises(Contested, match="Arun has this ticket"):
        await assign_ticket(*ticket, to="priya", by=priya)

    assert "priya" == (await assign_ticket(*ticket, to="priya", by=MEERA)).assignee


async def test_a_ticket_somebody_has_grows_no_more_urgent_by_itself(shift, ticket):
    """Its timer finds it taken; put down again, the clock starts anew."""
    arun = shift.at_work["arun"]
    assert not (await assign_ticket(*ticket, to="arun", by=arun)).escalate_at
    assert (await assign_ticket(*ticket, to="", by=arun)).escalate_at

    await shift.passes(30 * 60)

    assert "high" == (await find_ticket(shift.store, "t1")).priority


async def test_a_ticket_is_raised_until_it_is_urgent(shift, ticket):
    """By one at a time; an urgent one is refused with what to do instead."""
    assert ["high", "urgent"] == [(await raise_ticket(*ticket, by=MEERA)).priority for _ in range(2)]
    with pytest.raises(Permanent, match="urgent already"):
        await raise_ticket(*ticket, by=MEERA)


async def test_what_cannot_be_done_is_refused_in_words(shift, ticket):
    """A stranger, an empty note, a solved ticket, an unknown number."""
    with pytest.raises(Permanent, match="nobody of that id"):
        await assign_ticket(*ticket, to="stranger", by=MEERA)
    with pytest.raises(Permanent, match="nothing to note"):
        await note_ticket(*ticket, text=" ", by=MEERA)
    await solve_ticket(*ticket, by=MEERA)
    with pytest.raises(Permanent, match="solved"):
        await assign_ticket(*ticket, to="arun", by=MEERA)
    with pytest.raises(Permanent, match="unknown"):
        await solve_ticket(shift.services, TENANT, "t9", by=MEERA)


async def test_a_list_of_tickets_is_filtered_and_paged(shift, ticket):
    """By state, priority, colleague and conversation, the newest first, page after page."""
    shift.clock.pass_(60)
    await _stands(shift, "t2", priority="urgent", conversation="other")
    shift.clock.pass_(60)
    await _stands(shift, "t3", desk="back")
    await assign_ticket(*ticket, to="arun", by=MEERA)

    async def listed(**asked):
        return [one.id for one in (await tickets(shift.store, Filter(**asked))).items]

    assert ["t3", "t2", "t1"] == await listed()
    assert ["t3", "t2"] == await listed(state="open")
    assert ["t3", "t2"] == await listed(assignee=NOBODY)
    assert ["t1"] == await listed(assignee="arun")
    assert ["t2"] == await listed(priority="urgent", conversation="other")
    first = await tickets(shift.store, Filter(), limit=2)
    rest = await tickets(shift.store, Filter(), limit=2, cursor=first.cursor)
    assert (["t3", "t2"], ["t1"]) == ([one.id for one in first.items], [one.id for one in rest.items])
