"""Telling that a tool did something worth observing: metrics, follow-ups and surveys start from it."""

import msgspec

from shared.domain.calendar import Booking
from shared.domain.effects import Publish
from shared.domain.events import Happened
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.tools.shape import ToolContext


def happened(what: str, key: str, data: dict[str, object], context: ToolContext) -> Publish:
    """The effect that tells it; `key` names the thing it happened to, so that telling twice is known."""
    event = Happened(
        event_id=digest("happened", context.store.tenant, what, key),
        tenant=context.store.tenant,
        what=what,
        at=stamp(context.clock.now()),
        conversation=context.conversation,
        data={"desk": context.config.desk.id, "customer": context.customer, **data},
    )
    return Publish(topic=Happened.topic(), event=msgspec.to_builtins(event))


def about_booking(made: Booking) -> dict[str, object]:
    """What a fact tells of a booking; its time also as the customer was told it."""
    return {
        "booking": made.ref,
        "start": made.start,
        "end": made.end,
        "time": made.label,
        "title": made.title,
        "service": made.service,
    }
