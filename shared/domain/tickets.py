"""Tickets: what a person has to look after, and how one grows more urgent while nobody does."""

from datetime import datetime, timedelta
from typing import ClassVar, Literal

import msgspec

from shared.domain.effects import Priority, SetTimer
from shared.domain.instants import instant, stamp

TicketState = Literal["open", "in_progress", "resolved"]
PRIORITIES: tuple[Priority, ...] = ("low", "medium", "high", "urgent")
"""From the one that can wait to the one that cannot."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened to a ticket."""

    at: str
    what: Literal["created", "escalated", "assigned", "noted", "resolved", "reopened"]
    by: str = ""  # a human agent's id; empty for the desk
    note: str = ""


class Ticket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
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
    raised = msgspec.structs.replace(
        ticket, priority=PRIORITIES[min(PRIORITIES.index(ticket.priority) + 1, len(PRIORITIES) - 1)]
    )
    at = stamp(now)
    return msgspec.structs.replace(
        raised,
        updated_at=at,
        escalate_at=_next(raised, now),
        history=(
            *ticket.history,
            Entry(at=at, what="escalated", note=f"{ticket.priority} to {raised.priority}"),
        ),
    )


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


def _next(ticket: Ticket, now: datetime) -> str:
    if not ticket.escalate_after or ticket.priority == "urgent":
        return ""
    return stamp(now + timedelta(minutes=ticket.escalate_after))
