"""The ticket that stands for a handover nobody took: one, however often a conversation asks for a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

import msgspec

from shared.config.people_clock import solution_due
from shared.config.schema import DeskConfig
from shared.desk.commit import as_data
from shared.domain.colleagues import DESK
from shared.domain.effects import Priority
from shared.domain.events import Happened
from shared.domain.handovers import Handover
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.tickets import (
    Ticket,
    entered,
    escalation_timer,
    more_urgent,
    open_ticket,
    raised_to,
    solution_timer,
)
from shared.outbox import Alarm, Intent, Publication
from shared.ports import Create, Document, Put, Query, Where, Write
from shared.security.tenancy import TenantStore
from shared.tools import create_ticket
from shared.tools.registry import settings_of
from shared.tools.shape import Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftTicket:
    """A ticket as it becomes, and what makes it so."""

    ticket: Ticket
    write: Write
    intents: tuple[Intent, ...] = ()


async def standing_ticket(store: TenantStore, conversation: str) -> tuple[Ticket, Document] | None:
    """The open ticket of an earlier handover of the conversation, or None."""
    page = await store.query("tickets", Query(where=(Where("conversation", "==", conversation),)))
    for document in page.documents:
        ticket = msgspec.convert(document.data, Ticket)
        if ticket.handover and ticket.state != "resolved":
            return ticket, document
    return None


def left_ticket(
    tenant: str,
    config: DeskConfig,
    handover: Handover,
    standing: tuple[Ticket, Document] | None,
    *,
    priority: Priority,
    now: datetime,
) -> LeftTicket:
    """The ticket for a handover: the one that stands, with a note, or a new one with its clocks.

    One that stands grows as urgent as the handover is.
    """
    if standing is not None:
        ticket, document = standing
        again = f"A person was asked for again: {handover.reason}"
        if more_urgent(priority, ticket.priority):
            return _raised(tenant, config, ticket, document, priority=priority, note=again, now=now)
        noted = entered(ticket, now, "noted", note=again)
        return LeftTicket(ticket=noted, write=Put(document.path, as_data(noted), version=document.version))
    return new_ticket(
        tenant,
        config,
        id_=digest("ticket", "handover", handover.id)[:12],
        conversation=handover.conversation,
        customer=handover.customer,
        subject=handover.reason[:200] or "A person was asked for",
        description=handover.summary or handover.reason,
        priority=priority,
        handover=handover.id,
        now=now,
    )


def _raised(
    tenant: str,
    config: DeskConfig,
    ticket: Ticket,
    document: Document,
    *,
    priority: Priority,
    note: str,
    now: datetime,
) -> LeftTicket:
    """The ticket that stands, with the clocks of a greater urgency; a promise is never put off by it."""
    after = raised_to(ticket, priority, now, by=DESK, note=note)
    dues = [one for one in (ticket.due, solution_due(config, priority, now)) if one]
    after = msgspec.structs.replace(after, due=min(dues, default=""))
    return LeftTicket(
        ticket=after,
        write=Put(document.path, as_data(after), version=document.version),
        intents=(_told(tenant, after, now, what="ticket.escalated"), *_clocks(tenant, after)),
    )


def _clocks(tenant: str, ticket: Ticket) -> list[Intent]:
    """The alarms of a ticket; set again for the same instant, each is the one it was."""
    timers = (escalation_timer(ticket, tenant), solution_timer(ticket, tenant))
    return [Alarm(one.name, instant(one.due), one.handler, one.payload) for one in timers if one]


def new_ticket(
    tenant: str,
    config: DeskConfig,
    *,
    id_: str,
    conversation: str,
    customer: str,
    subject: str,
    description: str,
    priority: Priority,
    handover: str = "",
    now: datetime,
) -> LeftTicket:
    """A new ticket of the desk's with its clocks, by what the desk's file says of tickets."""
    tool = cast("Tool", create_ticket)
    settings = cast("create_ticket.Settings", settings_of(tool, config))
    ticket = open_ticket(
        Ticket(
            id=id_,
            desk=config.desk.id,
            conversation=conversation,
            customer=customer,
            subject=subject,
            description=description,
            priority=priority,
            handover=handover,
            due=solution_due(config, priority, now),
            escalate_after=settings.auto_escalate_minutes,
            created_at="",
            updated_at="",
        ),
        now,
    )
    write = Create(f"tickets/{ticket.id}", as_data(ticket))
    told = _told(tenant, ticket, now, what="ticket.created")
    return LeftTicket(ticket=ticket, write=write, intents=(told, *_clocks(tenant, ticket)))


def _told(tenant: str, ticket: Ticket, now: datetime, *, what: str) -> Intent:
    return Publication.of(
        Happened(
            event_id=digest("happened", tenant, what, ticket.id, str(len(ticket.history))),
            tenant=tenant,
            what=what,
            at=stamp(now),
            conversation=ticket.conversation,
            data={
                "desk": ticket.desk,
                "customer": ticket.customer,
                "ticket": ticket.id,
                "priority": ticket.priority,
                "handover": ticket.handover,
                "assignee": ticket.assignee,
            },
        )
    )
