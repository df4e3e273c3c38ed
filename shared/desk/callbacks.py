"""Brings up a promised call when it is due, as an urgent ticket for a person to make it."""

import msgspec

from shared import outbox
from shared.desk.commit import as_data
from shared.desk.services import Services
from shared.domain.callbacks import Callback
from shared.domain.errors import AlreadyExists
from shared.domain.events import Happened
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.domain.tickets import Ticket, open_ticket
from shared.outbox import Publication
from shared.ports import Create, Put, Write


async def ring_callback(services: Services, tenant: str, callback: str) -> None:
    """Open the ticket of a callback that is due, once. One that was cancelled is let be."""
    store = services.tenant(tenant)
    document = await store.get(f"callbacks/{callback}")
    promised = msgspec.convert(document.data, Callback) if document else None
    if document is None or promised is None or promised.state != "waiting":
        return
    now = services.ports.clock.now()
    ticket = open_ticket(
        Ticket(
            id=digest("ticket", "callback", callback),
            desk=promised.desk,
            conversation=promised.conversation,
            customer=promised.customer,
            subject=f"Call back: {promised.about}",
            description=f"The desk promised a call at {promised.due} to {promised.phone}.",
            priority="urgent",
            created_at=stamp(now),
            updated_at=stamp(now),
        ),
        now,
    )
    due = Happened(
        event_id=digest("callback-due", callback),
        tenant=tenant,
        what="callback.due",
        at=stamp(now),
        conversation=promised.conversation,
        data={"callback": callback, "ticket": ticket.id},
    )
    writes: list[Write] = [
        Put(document.path, as_data(msgspec.structs.replace(promised, state="due")), document.version),
        Create(f"tickets/{ticket.id}", as_data(ticket)),
    ]
    try:
        await outbox.commit(services.ports, store, writes, [Publication.of(due)])
    except AlreadyExists:
        return
