"""Tickets as people work on them: taken, given to somebody, solved, opened again, raised, noted."""

from collections.abc import Callable
from datetime import datetime

from shared.desk.edit_document import Edited, edit_document
from shared.desk.people_memory import cared, left, memory_path
from shared.desk.retention import said_until
from shared.desk.services import Services
from shared.desk.ticket_list import MOST, Filter, tickets
from shared.domain import tickets as rules
from shared.domain.colleagues import DESK, Actor, at_least
from shared.domain.errors import Contested, Permanent
from shared.domain.events import Happened
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.tickets import Ticket, escalation_timer
from shared.outbox import Alarm, Intent, Publication

LONGEST = 4_000
"""Characters of a note."""

Become = Callable[[Ticket, datetime], Ticket | None]
"""What becomes of a ticket, None where nothing is to be changed."""


async def escalate_ticket(services: Services, tenant: str, ticket: str) -> None:
    """One priority higher, and the next timer, where the ticket is due and still nobody's."""
    if await services.tenant(tenant).get(_path(ticket)) is None:
        return

    def become(before: Ticket, now: datetime) -> Ticket | None:
        after = rules.escalate(before, now)
        return None if after is before else after

    await _edit(services, tenant, ticket, become, what="ticket.escalated")


async def assign_ticket(services: Services, tenant: str, ticket: str, *, to: str, by: Actor) -> Ticket:
    """Give a ticket to the colleague `to`, an id; with an empty one it is nobody's again.

    Anybody may take one that is nobody's, and give away their own; a supervisor may any. Raises
    Contested where a colleague has it, Permanent where `to` is nobody, or the ticket solved or unknown.
    """
    store = services.tenant(tenant)
    found = await store.get(f"colleagues/{to}") if to else None
    names = await _names(services, tenant, ticket)
    if to and (found is None or found.data.get("removed")):
        raise Permanent("nobody of that id works here; choose somebody from the list of colleagues")
    name = str(found.data["name"]) if found else "nobody"

    def become(before: Ticket, now: datetime) -> Ticket | None:
        _check_open(before)
        if before.assignee not in ("", by.id) and not at_least(by.role, "supervisor"):
            who = names.get(before.assignee, "a colleague")
            raise Contested(f"{who} has this ticket; ask them or a supervisor")
        if before.assignee == to:
            return None
        return rules.assigned(before, to, now, by=by, note=f"to {name}")

    return await _edit(services, tenant, ticket, become, what="ticket.assigned", by=by)


async def give_up_tickets(services: Services, tenant: str, colleague: str, *, why: str) -> None:
    """Make every open ticket of a colleague nobody's again; told again after a failure, it goes on."""
    store, cursor = services.tenant(tenant), None

    def become(before: Ticket, now: datetime) -> Ticket | None:
        if before.state == "resolved" or before.assignee != colleague:
            return None
        return rules.assigned(before, "", now, by=DESK, note=why)

    while True:
        page = await tickets(store, Filter(assignee=colleague), cursor=cursor, limit=MOST)
        for one in page.items:
            await _edit(services, tenant, one.id, become, what="ticket.given_up")
        cursor = page.cursor
        if cursor is None:
            return


async def solve_ticket(services: Services, tenant: str, ticket: str, *, note: str = "", by: Actor) -> Ticket:
    """Mark a ticket as solved; `note` says how, and the desk knows it. Solved again, nothing changes."""

    def become(before: Ticket, now: datetime) -> Ticket | None:
        if before.state == "resolved":
            return None
        return rules.solved(before, now, by=by, note=_cut(note))

    after = await _edit(services, tenant, ticket, become, what="ticket.resolved", by=by)
    await _known(services, tenant, after, by=by)
    return after


async def reopen_ticket(services: Services, tenant: str, ticket: str, *, note: str = "", by: Actor) -> Ticket:
    """Open a solved ticket again, for whoever had it. One that is open stays as it is."""

    def become(before: Ticket, now: datetime) -> Ticket | None:
        if before.state != "resolved":
            return None
        return rules.reopened(before, now, by=by, note=_cut(note))

    return await _edit(services, tenant, ticket, become, what="ticket.reopened", by=by)


async def raise_ticket(services: Services, tenant: str, ticket: str, *, note: str = "", by: Actor) -> Ticket:
    """One priority higher, because somebody says so. Raises Permanent where it is urgent or solved."""

    def become(before: Ticket, now: datetime) -> Ticket:
        _check_open(before)
        if before.priority == "urgent":
            raise Permanent("this ticket is urgent already; give it to somebody")
        return rules.raised(before, now, by=by, note=_cut(note))

    return await _edit(services, tenant, ticket, become, what="ticket.escalated", by=by)


async def note_ticket(services: Services, tenant: str, ticket: str, *, text: str, by: Actor) -> Ticket:
    """Write something into a ticket's history, for colleagues. Raises Permanent where there is nothing to."""
    if not text.strip():
        raise Permanent("there is nothing to note; write something")

    def become(before: Ticket, now: datetime) -> Ticket:
        return rules.entered(before, now, "noted", by=by, note=_cut(text))

    return await _edit(services, tenant, ticket, become, what="ticket.noted", by=by)


async def _known(services: Services, tenant: str, ticket: Ticket, *, by: Actor) -> None:
    """Let the desk read, before it answers again, that a ticket is solved and how.

    Raises PreconditionFailed where somebody leaves the desk something else at that moment.
    """
    store, summary = services.tenant(tenant), f"Ticket {ticket.id} ({ticket.subject}) is solved."
    note = ticket.history[-1].note
    summary = f"{summary} {note}".strip()
    before = await store.get(memory_path(ticket.conversation))
    if any(one.summary == summary for one in cared(before)):
        return
    until = await said_until(services, ticket.desk, services.ports.clock.now())
    at = ticket.solved_at
    await store.commit(
        left(ticket.conversation, before, at=at, until=until, by=by, summary=summary, promises=())
    )


def _path(ticket: str) -> str:
    return f"tickets/{ticket}"


def _cut(text: str) -> str:
    return text.strip()[:LONGEST]


def _check_open(ticket: Ticket) -> None:
    if ticket.state == "resolved":
        raise Permanent("this ticket is solved; open it again first")


async def _names(services: Services, tenant: str, ticket: str) -> dict[str, str]:
    """The name of whoever has the ticket, by id."""
    store = services.tenant(tenant)
    document = await store.get(_path(ticket))
    assignee = str(document.data.get("assignee") or "") if document else ""
    found = await store.get(f"colleagues/{assignee}") if assignee else None
    return {assignee: str(found.data["name"])} if found else {}


async def _edit(
    services: Services, tenant: str, ticket: str, become: Become, *, what: str, by: Actor = DESK
) -> Ticket:
    """Carry out `become`, with the fact that tells of it and the timer of its next escalation."""

    def edit(before: Ticket, now: datetime) -> Edited[Ticket] | None:
        after = become(before, now)
        if after is None:
            return None
        intents: list[Intent] = [_told(tenant, after, now, what=what, by=by)]
        timer = escalation_timer(after, tenant)
        if timer and after.escalate_at != before.escalate_at:
            intents.append(Alarm(timer.name, instant(timer.due), timer.handler, timer.payload))
        goes_with = after.desk if after.state == "resolved" else ""
        return Edited(record=after, intents=intents, goes_with=goes_with)

    return await edit_document(services, tenant, _path(ticket), Ticket, edit)


def _told(tenant: str, ticket: Ticket, now: datetime, *, what: str, by: Actor) -> Intent:
    return Publication.of(
        Happened(
            event_id=digest(what, ticket.id, str(len(ticket.history))),
            tenant=tenant,
            what=what,
            at=stamp(now),
            conversation=ticket.conversation,
            data={
                "ticket": ticket.id,
                "priority": ticket.priority,
                "assignee": ticket.assignee,
                "desk": ticket.desk,
                "by": by.id,
            },
        )
    )
