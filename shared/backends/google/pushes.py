"""What Pub/Sub and Cloud Tasks send to a handler's door, and what becomes of it when the handler fails.

The door checks the caller first (identity.py). What a handler raises and is worth another try goes on
to the door, whose answer of 500 brings the message back; the rest is parked as a dead letter.
"""

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import msgspec

from shared.backends.google.bus import ONLY, TIMERS, TOPIC, GoogleBus, publishers
from shared.domain.errors import FrontdeskError, Malformed, Permanent
from shared.ports import Data


@dataclass(frozen=True, slots=True)
class Delivery:
    """One handler's turn to hear one message; `attempt` counts from 1, and is 1 where nobody counts."""

    handler: str
    topic: str
    body: bytes
    attributes: Mapping[str, str]
    id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Firing:
    """One handler's call at its instant; `attempt` counts from 1."""

    handler: str
    name: str
    payload: Data
    attempt: int


class _Message(msgspec.Struct, rename="camel"):
    message_id: str
    data: str = ""
    attributes: dict[str, str] = {}


class _Push(msgspec.Struct, rename="camel"):
    message: _Message
    delivery_attempt: int = 1


class _Timer(msgspec.Struct):
    name: str
    payload: dict[str, object]


async def hear(
    raw: bytes, handler: str, bus: GoogleBus, deliver: Callable[[Delivery], Awaitable[None]]
) -> None:
    """Give a push subscription's request body to the handler; returning acknowledges it.

    What the handler refuses for good is parked. A replay that is for another handler is ignored.
    Raises Malformed for what is no push, and whatever else `deliver` raises.
    """
    try:
        push = msgspec.json.decode(raw, type=_Push)
        body = base64.b64decode(push.message.data)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Malformed(f"{handler!r} was sent what is no Pub/Sub push") from error
    attributes = push.message.attributes
    if attributes.get(ONLY, handler) != handler:
        return
    topic, id_ = attributes.get(TOPIC, ""), push.message.message_id
    delivery = Delivery(handler, topic, body, publishers(attributes), id_, push.delivery_attempt)
    try:
        await deliver(delivery)
    except Permanent as error:
        await bus.park(topic, handler, id_, body, str(error), attributes=delivery.attributes)


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
    try:
        timer = msgspec.json.decode(raw, type=_Timer)
        attempt = int(headers.get("x-cloudtasks-taskretrycount", "0")) + 1
    except (msgspec.MsgspecError, ValueError) as error:
        raise Malformed(f"{handler!r} was sent what is no timer") from error
    try:
        await fire(Firing(handler, timer.name, timer.payload, attempt))
    except Exception as error:
        if not isinstance(error, Permanent) and attempt < attempts:
            raise
        await bus.park(TIMERS, handler, timer.name, raw, _reason(error))


def _reason(error: Exception) -> str:
    """What people may read: our own messages; of a foreign error the kind, as it may quote a customer."""
    if isinstance(error, FrontdeskError):
        return str(error)
    return f"{type(error).__name__}: an unexpected error, described in the logs"
