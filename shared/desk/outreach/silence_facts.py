"""What is known of a customer who has fallen silent, as the facts that conditions name."""

from datetime import datetime
from typing import Any

import msgspec

from shared.config.schema import DeskConfig
from shared.desk.outreach.rules import ABANDONED
from shared.desk.triggers import facts_of
from shared.domain.calendar import Booking, Offer
from shared.domain.calls import Call, call_path
from shared.domain.conversation import Head
from shared.domain.customers import Customer
from shared.domain.instants import instant, stamp
from shared.domain.receipts import Receipt
from shared.domain.signals import Signals
from shared.ports import Query
from shared.security.tenancy import TenantStore
from shared.tools.agenda import bookings_of

_TURNS = 20
_OFFERS = 50


async def silence_facts(  # noqa: PLR0917 - all that it is known from
    store: TenantStore, config: DeskConfig, conversation: str, head: Head, customer: Customer, now: datetime
) -> dict[str, Any]:
    """The facts of a conversation as its customer left it, at an instant."""
    facts = await _of_call(store, head) | facts_of(head, customer, await _signals(store, conversation), now)
    theirs = [one for one, _ in await bookings_of(store, customer.id)]
    facts |= {
        "silent_hours": (now - instant(head.last_inbound_at)).total_seconds() / 3600,
        "booked": booked(theirs, now),
        "is_open": config.desk.opening.is_open(now),
    }
    if not facts["booked"] and await _abandoned(store, conversation):
        facts["event"] = ABANDONED
    return facts


async def _of_call(store: TenantStore, head: Head) -> dict[str, Any]:
    """What a call knows of its caller, where it was one; its turns' receipts may not tell."""
    document = await store.get(call_path(head.call)) if head.call else None
    if document is None:
        return {}
    call = msgspec.convert(document.data, Call)
    known = {"qualification": call.qualification, "sentiment": call.figures.sentiment}
    return {name: score for name, score in known.items() if score is not None}


def booked(bookings: list[Booking], now: datetime) -> bool:
    """Whether an appointment of theirs is to come."""
    return any(one.state == "booked" and one.end > stamp(now) for one in bookings)


async def _signals(store: TenantStore, conversation: str) -> Signals:
    """The newest signal of each kind that their words showed."""
    query = Query(order=("-ended_at",), limit=_TURNS)
    page = await store.query(f"conversations/{conversation}/turns", query)
    found: dict[str, Any] = {}
    for document in page.documents:
        told = msgspec.convert(document.data, Receipt, strict=False).signals
        found = {
            **msgspec.structs.asdict(told),
            **{key: one for key, one in found.items() if one is not None},
        }
    return Signals(**found)


async def _abandoned(store: TenantStore, conversation: str) -> bool:
    """Whether times that stand offered in the conversation were left lying."""
    page = await store.query(f"conversations/{conversation}/offers", Query(limit=_OFFERS))
    offers = [msgspec.convert(one.data, Offer) for one in page.documents]
    return bool(offers) and not any(one.booking for one in offers)
