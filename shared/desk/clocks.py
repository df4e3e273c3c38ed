"""Watches promises of time: rings when a handover or a ticket is not answered or solved when it should."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from shared import outbox
from shared.desk.commit import as_data
from shared.desk.retention import said_until
from shared.desk.services import Services
from shared.domain.events import Happened
from shared.domain.handovers import Handover, is_open
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.tickets import Ticket, overdue
from shared.outbox import Alarm, Intent, Publication
from shared.ports import Document, Put


def clock_alarms(tenant: str, of: str, name: str, dues: Mapping[str, str]) -> list[Intent]:
    """The alarms for when promises run out; `of` is the collection, `dues` stamps by promise or empty."""
    return [
        Alarm(
            digest("clock", tenant, of, name, promise, due),
            instant(due),
            "ring_clock",
            {"tenant": tenant, "of": of, "name": name, "promise": promise, "due": due},
        )
        for promise, due in dues.items()
        if due
    ]


async def ring_clock(services: Services, tenant: str, *, of: str, name: str, promise: str, due: str) -> None:
    """Mark a promise as broken and tell people, unless it was kept, moved or is told already.

    Raises PreconditionFailed where somebody changed it meanwhile; asked again, it finds what they did.
    """
    store = services.tenant(tenant)
    document = await store.get(f"{of}/{name}")
    if document is None:
        return
    now = services.ports.clock.now()
    late = _late_handover(document, promise, due) if of == "handovers" else _late_ticket(document, due, now)
    if late is None:
        return
    what = "handover.late" if of == "handovers" else "ticket.late"
    told = Happened(
        event_id=digest(what, name, promise, due),
        tenant=tenant,
        what=what,
        at=stamp(now),
        conversation=late.conversation,
        data={
            "handover" if isinstance(late, Handover) else "ticket": name,
            "promise": promise,
            "due": due,
            "priority": late.priority,
            "assignee": late.assignee,
            "desk": late.desk,
        },
    )
    expires = await said_until(services, late.desk, now) if isinstance(late, Handover) else None
    write = Put(document.path, as_data(late), version=document.version, expires=expires)
    await outbox.commit(services.ports, store, [write], [Publication.of(told)])


def _late_handover(document: Document, promise: str, due: str) -> Handover | None:
    handover = msgspec.convert(document.data, Handover)
    if not is_open(handover) or promise in handover.breached:
        return None
    if promise == "answer":
        if handover.first_answer_at or handover.answer_due != due:
            return None
        return msgspec.structs.replace(handover, breached=(*handover.breached, "answer"))
    if handover.resolve_due != due:
        return None
    return msgspec.structs.replace(handover, breached=(*handover.breached, "resolution"))


def _late_ticket(document: Document, due: str, now: datetime) -> Ticket | None:
    ticket = msgspec.convert(document.data, Ticket)
    return overdue(ticket, now) if ticket.due == due else None
