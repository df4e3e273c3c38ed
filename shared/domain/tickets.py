"""Tickets: what a person has to look after, and how one grows more urgent while nobody does."""

from datetime import datetime, timedelta
from typing import ClassVar, Literal

import msgspec

from shared.domain.colleagues import DESK, Actor
from shared.domain.effects import Priority, SetTimer
from shared.domain.instants import instant, stamp

TicketState = Literal["open", "in_progress", "resolved"]
EntryKind = Literal["created", "escalated", "assigned", "noted", "late", "resolved", "reopened"]
PRIORITIES: tuple[Priority, ...] = ("low", "medium", "high", "urgent")
"""From the one that can wait to the one that cannot."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened to a ticket."""

    at: str
    what: EntryKind
    by: str = ""  # a human agent's id; empty for the desk
    name: str = ""  # as people call them
    note: str = ""


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """Something a customer needs from a person."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    desk: str
    conversation: str
    customer: str
    subject: str
    description: str
    priority: Priority = "medium"
    state: TicketState = "open"
    assignee: str = ""
    created_at: str
    updated_at: str
    handover: str = ""  # the one nobody took, which it stands for
    due: str = ""  # until when it is promised to be solved; empty = no promise
    late: bool = False  # whether that promise was broken
    solved_at: str = ""
    escalate_after: int = 0  # minutes without anybody taking it; 0 = never
    escalate_at: str = ""  # when it next grows more urgent; empty = no more
    history: tuple[Entry, ...] = ()


def open_ticket(ticket: Ticket, now: datetime) -> Ticket:
    """A new ticket with its beginning written down and its first escalation set."""
    at = stamp(now)
    return msgspec.structs.replace(
        ticket,
        created_at=at,
        updated_at=at,
        escalate_at=_next(ticket, now),
        history=(Entry(at=at, what="created"),),
    )


def escalate(ticket: Ticket, now: datetime) -> Ticket:
    """The ticket one priority higher if it is due and still nobody's; otherwise the same ticket.

    A raised one carries the next `escalate_at`, empty once it is urgent, so that the handler of the
    timer commits it and sets `escalation_timer` again.
    """
    if ticket.state != "open" or not ticket.escalate_at or now < instant(ticket.escalate_at):
        return ticket
    return raised(ticket, now, by=DESK)


def overdue(ticket: Ticket, now: datetime) -> Ticket | None:
    """The ticket marked as late, None where it is solved, not due, or marked already."""
    if ticket.state == "resolved" or ticket.late or not ticket.due or now < instant(ticket.due):
        return None
    return entered(msgspec.structs.replace(ticket, late=True), now, "late")


def assigned(ticket: Ticket, to: str, now: datetime, *, by: Actor, note: str = "") -> Ticket:
    """The ticket as somebody's, who now works on it; with an empty `to` it is nobody's again."""
    wanted = msgspec.structs.replace(ticket, assignee=to, state="in_progress" if to else "open")
    wanted = msgspec.structs.replace(wanted, escalate_at="" if to else _next(wanted, now))
    return entered(wanted, now, "assigned", by=by, note=note)


def solved(ticket: Ticket, now: datetime, *, by: Actor, note: str = "") -> Ticket:
    """The ticket as it is solved; `note` says how."""
    wanted = msgspec.structs.replace(ticket, state="resolved", solved_at=stamp(now), escalate_at="")
    return entered(wanted, now, "resolved", by=by, note=note)


def reopened(ticket: Ticket, now: datetime, *, by: Actor, note: str = "") -> Ticket:
    """The ticket as there is work on it again, with whoever had it."""
    state: TicketState = "in_progress" if ticket.assignee else "open"
    wanted = msgspec.structs.replace(ticket, state=state, solved_at="")
    wanted = msgspec.structs.replace(wanted, escalate_at="" if ticket.assignee else _next(wanted, now))
    return entered(wanted, now, "reopened", by=by, note=note)


def raised(ticket: Ticket, now: datetime, *, by: Actor, note: str = "") -> Ticket:
    """The ticket one priority higher, because somebody says so."""
    higher = PRIORITIES[min(PRIORITIES.index(ticket.priority) + 1, len(PRIORITIES) - 1)]
    return raised_to(ticket, higher, now, by=by, note=note)


def more_urgent(one: Priority, other: Priority) -> bool:
    """Whether one priority comes before the other."""
    return PRIORITIES.index(one) > PRIORITIES.index(other)


def raised_to(ticket: Ticket, priority: Priority, now: datetime, *, by: Actor, note: str = "") -> Ticket:
    """The ticket with that priority, and the escalation that follows from it."""
    said = f"{ticket.priority} to {priority}" + (f": {note}" if note else "")
    wanted = msgspec.structs.replace(ticket, priority=priority)
    if not ticket.assignee:
        wanted = msgspec.structs.replace(wanted, escalate_at=_next(wanted, now))
    return entered(wanted, now, "escalated", by=by, note=said)


def entered(ticket: Ticket, now: datetime, what: EntryKind, *, by: Actor = DESK, note: str = "") -> Ticket:
    """The ticket with one more thing written into its history."""
    entry = Entry(at=stamp(now), what=what, by=by.id, name=by.name if by.id else "", note=note)
    return msgspec.structs.replace(ticket, updated_at=stamp(now), history=(*ticket.history, entry))


def escalation_timer(ticket: Ticket, tenant: str) -> SetTimer | None:
    """The timer that calls `escalate_ticket` when the ticket is next due; None where it never is."""
    if not ticket.escalate_at:
        return None
    return SetTimer(
        name=f"escalate-{tenant}-{ticket.id}-{instant(ticket.escalate_at):%Y%m%dT%H%M%S}",
        due=ticket.escalate_at,
        handler="escalate_ticket",
        payload={"tenant": tenant, "ticket": ticket.id},
    )


def solution_timer(ticket: Ticket, tenant: str) -> SetTimer | None:
    """The timer that rings when the ticket is to be solved; None where nothing is promised."""
    if not ticket.due:
        return None
    return SetTimer(
        name=f"clock-{tenant}-{ticket.id}-{instant(ticket.due):%Y%m%dT%H%M%S}",
        due=ticket.due,
        handler="ring_clock",
        payload={
            "tenant": tenant,
            "of": "tickets",
            "name": ticket.id,
            "promise": "resolution",
            "due": ticket.due,
        },
    )


def _next(ticket: Ticket, now: datetime) -> str:
    if not ticket.escalate_after or ticket.priority == "urgent":
        return ""
    return stamp(now + timedelta(minutes=ticket.escalate_after))
