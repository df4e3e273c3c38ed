"""Tickets as a list shows them: by state, priority, colleague, desk, conversation; the newest first."""

from dataclasses import dataclass

import msgspec

from shared.domain.effects import Priority
from shared.domain.errors import NotThere
from shared.domain.tickets import Ticket, TicketState
from shared.ports import Query, Where
from shared.security.tenancy import TenantStore

MOST = 100
"""Tickets in one answer."""

NOBODY = "nobody"
"""The assignee to ask for where a ticket must be nobody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which tickets; what is None is not asked for."""

    state: TicketState | None = None
    priority: Priority | None = None
    assignee: str | None = None  # a colleague's id, or NOBODY
    desk: str | None = None
    conversation: str | None = None
    late: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tickets:
    """One page; `cursor` is None where nothing follows."""

    items: tuple[Ticket, ...]
    cursor: str | None = None


async def tickets(
    store: TenantStore, wanted: Filter, *, cursor: str | None = None, limit: int = 50
) -> Tickets:
    """A tenant's tickets that match, the newest first."""
    asked = {
        "state": wanted.state,
        "priority": wanted.priority,
        "assignee": "" if wanted.assignee == NOBODY else wanted.assignee,
        "desk": wanted.desk,
        "conversation": wanted.conversation,
        "late": wanted.late,
    }
    where = tuple(Where(field, "==", value) for field, value in asked.items() if value is not None)
    query = Query(where=where, order=("-created_at",), limit=min(limit, MOST), cursor=cursor)
    page = await store.query("tickets", query)
    items = tuple(msgspec.convert(document.data, Ticket) for document in page.documents)
    return Tickets(items=items, cursor=page.cursor)


async def find_ticket(store: TenantStore, ticket: str) -> Ticket:
    """One ticket. Raises NotThere where there is none of that number."""
    document = await store.get(f"tickets/{ticket}")
    if document is None:
        raise NotThere(f"there is no ticket {ticket}; look at the list of tickets")
    return msgspec.convert(document.data, Ticket)
