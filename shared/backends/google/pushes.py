"""What Pub/Sub and Cloud Tasks send to a handler's door, and what becomes of it when the handler fails.

The door checks the caller first (identity.py). What a handler raises and is worth another try goes on
to the door, whose answer of 500 brings the message back; the rest is parked as a dead letter.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from shared.backends.google.bus import ONLY, TIMERS, GoogleBus, publishers
from shared.domain.deliveries import Delivery, Firing, read_push, read_timer
from shared.domain.errors import FrontdeskError, Permanent


async def hear(
    raw: bytes, handler: str, bus: GoogleBus, deliver: Callable[[Delivery], Awaitable[None]]
) -> None:
    """Give a push subscription's request body to the handler; returning acknowledges it.

    What the handler refuses for good is parked. A replay that is for another handler is ignored.
    Raises Malformed for what is no push, and whatever else `deliver` raises.
    """
    delivery = read_push(raw, handler)
    if delivery.attributes.get(ONLY, handler) != handler:
        return
    delivery = replace(delivery, attributes=publishers(delivery.attributes))
    try:
        await deliver(delivery)
    except Permanent as error:
        await bus.park(
            delivery.topic, handler, delivery.id, delivery.body, str(error), attributes=delivery.attributes
        )


async def ring(
    raw: bytes,
    headers: Mapping[str, str],
    handler: str,
    bus: GoogleBus,
    fire: Callable[[Firing], Awaitable[None]],
    *,
    attempts: int,
) -> None:
    """Give a task's request to the handler; returning ends the task.

    What the handler refuses for good, or fails in the last of its `attempts`, is parked, as Cloud Tasks
    itself keeps nothing. Raises Malformed for what is no timer of ours, and whatever else `fire` raises.
    """
    firing = read_timer(raw, handler, headers)
    try:
        await fire(firing)
    except Exception as error:
        if not isinstance(error, Permanent) and firing.attempt < attempts:
            raise
        await bus.park(TIMERS, handler, firing.name, raw, _reason(error))


def _reason(error: Exception) -> str:
    """What people may read: our own messages; of a foreign error the kind, as it may quote a customer."""
    if isinstance(error, FrontdeskError):
        return str(error)
    return f"{type(error).__name__}: an unexpected error, described in the logs"
