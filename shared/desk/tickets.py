"""Raises tickets that nobody took in time."""

import msgspec

from shared import outbox
from shared.desk.commit import as_data
from shared.desk.services import Services
from shared.domain.events import Happened
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.tickets import Ticket, escalate, escalation_timer
from shared.outbox import Alarm, Intent, Publication
from shared.ports import Put


async def escalate_ticket(services: Services, tenant: str, ticket: str) -> None:
    """One priority higher, and the next timer, where the ticket is due and still nobody's.

    Raises PreconditionFailed where somebody changed it meanwhile; asked again, it finds what they did.
    """
    store = services.tenant(tenant)
    document = await store.get(f"tickets/{ticket}")
    if document is None:
        return
    before = msgspec.convert(document.data, Ticket)
    now = services.ports.clock.now()
    after = escalate(before, now)
    if after is before:
        return
    intents: list[Intent] = [
        Publication.of(
            Happened(
                event_id=digest("ticket-escalated", ticket, after.priority),
                tenant=tenant,
                what="ticket.escalated",
                at=stamp(now),
                conversation=after.conversation,
                data={"ticket": ticket, "priority": after.priority},
            )
        )
    ]
    if timer := escalation_timer(after, tenant):
        intents.append(Alarm(timer.name, instant(timer.due), timer.handler, timer.payload))
    write = Put(document.path, as_data(after), version=document.version)
    await outbox.commit(services.ports, store, [write], intents)
