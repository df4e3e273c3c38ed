"""The ticket that stands for a handover nobody took: one, however often a conversation asks for a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

import msgspec

from shared.config.people_clock import solution_due
from shared.config.schema import DeskConfig
from shared.desk.commit import as_data
from shared.domain.effects import Priority
from shared.domain.events import Happened
from shared.domain.handovers import Handover
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.tickets import Ticket, entered, escalation_timer, open_ticket, solution_timer
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
    """The ticket for a handover: the one that stands, with a note, or a new one with its clocks."""
    if standing is not None:
        ticket, document = standing
        noted = entered(ticket, now, "noted", note=f"A person was asked for again: {handover.reason}")
        return LeftTicket(ticket=noted, write=Put(document.path, as_data(noted), version=document.version))
    tool = cast("Tool", create_ticket)
    settings = cast("create_ticket.Settings", settings_of(tool, config))
    ticket = open_ticket(
        Ticket(
            id=digest("ticket", "handover", handover.id)[:12],
            desk=handover.desk,
            conversation=handover.conversation,
            customer=handover.customer,
            subject=handover.reason[:200] or "A person was asked for",
            description=handover.summary or handover.reason,
            priority=priority,
            handover=handover.id,
            due=solution_due(config, priority, now),
            escalate_after=settings.auto_escalate_minutes,
            created_at="",
            updated_at="",
        ),
        now,
    )
    intents: list[Intent] = [_created(tenant, ticket, now)]
    timers = (escalation_timer(ticket, tenant), solution_timer(ticket, tenant))
    intents += [Alarm(one.name, instant(one.due), one.handler, one.payload) for one in timers if one]
    write = Create(f"tickets/{ticket.id}", as_data(ticket))
    return LeftTicket(ticket=ticket, write=write, intents=tuple(intents))


def _created(tenant: str, ticket: Ticket, now: datetime) -> Intent:
    return Publication.of(
        Happened(
            event_id=digest("happened", tenant, "ticket.created", ticket.id),
            tenant=tenant,
            what="ticket.created",
            at=stamp(now),
            conversation=ticket.conversation,
            data={
                "desk": ticket.desk,
                "customer": ticket.customer,
                "ticket": ticket.id,
                "priority": ticket.priority,
            },
        )
    )
