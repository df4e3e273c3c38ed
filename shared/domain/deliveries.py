"""How bus and timers call a handler, in Pub/Sub's and Cloud Tasks' own words, whoever it is that calls."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from shared.domain.errors import Malformed


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
    payload: dict[str, object]
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


TOPIC = "topic"
"""The attribute that tells where a message was published."""


def pushed(delivery: Delivery) -> bytes:
    """A delivery as the body of a push."""
    message = _Message(
        message_id=delivery.id,
        data=base64.b64encode(delivery.body).decode(),
        attributes={**delivery.attributes, TOPIC: delivery.topic},
    )
    return msgspec.json.encode(_Push(message=message, delivery_attempt=delivery.attempt))


def rung(firing: Firing) -> bytes:
    """A firing as the body of a timer's call."""
    return msgspec.json.encode(_Timer(name=firing.name, payload=firing.payload))


def read_push(raw: bytes, handler: str) -> Delivery:
    """The delivery in a push's body. Raises Malformed for anything else."""
    try:
        push = msgspec.json.decode(raw, type=_Push)
        body = base64.b64decode(push.message.data)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Malformed(f"{handler!r} was sent what is no Pub/Sub push") from error
    told = push.message
    topic = told.attributes.get(TOPIC, "")
    return Delivery(handler, topic, body, told.attributes, told.message_id, push.delivery_attempt)


def read_timer(raw: bytes, handler: str, headers: Mapping[str, str]) -> Firing:
    """The firing in a timer's call. Raises Malformed for anything else."""
    try:
        timer = msgspec.json.decode(raw, type=_Timer)
        attempt = int(headers.get("x-cloudtasks-taskretrycount", "0")) + 1
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Malformed(f"{handler!r} was sent what is no timer") from error
    return Firing(handler, timer.name, timer.payload, attempt)
