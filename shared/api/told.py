"""Doors behind the bus and the timers: unpack what a push or a task brings, call one verb, say how it went.

The answer's status is the whole protocol: 204 done; 422 never try again; 503 try again, after
`Retry-After` where somebody knows when.
"""

import base64
import binascii
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from shared.domain.errors import Forged, Malformed, Permanent, Transient
from shared.domain.events import Event

log = logging.getLogger(__name__)

Fact = TypeVar("Fact", bound=Event)
MOST = 1_500_000


class Process(Protocol):
    """What a door asks of bootstrap."""

    async def verify_caller(self, request: Request) -> None:
        """Returns if our own bus or timers are calling. Raises Forged."""
        ...

    async def services(self) -> Any:
        """What verbs work with."""
        ...


class _Message(msgspec.Struct):
    data: str = ""
    attributes: dict[str, str] = {}


class _Push(msgspec.Struct):
    """Pub/Sub's push."""

    message: _Message


class _Task(msgspec.Struct):
    """A timer's call."""

    name: str
    payload: dict[str, Any]


async def told(
    request: Request,
    process: Process,
    kind: type[Fact],
    verb: Callable[[Any, Fact], Awaitable[None]],
) -> Response:
    """Call `verb` with the fact in a push, or in a timer's payload."""

    async def call(services: Any) -> None:
        body = await request.body()
        if b'"payload"' in body[:200] and b'"message"' not in body[:30]:
            fact = kind.decode(msgspec.json.encode(_decode(body, _Task).payload))
        else:
            try:
                raw = base64.b64decode(_decode(body, _Push).message.data, validate=True)
            except binascii.Error as error:
                raise Malformed(f"the push's data is not base64: {error}") from error
            fact = kind.decode(raw)
        await verb(services, fact)

    return await _answer(request, process, call)


async def rung(request: Request, process: Process, verb: Callable[..., Awaitable[None]]) -> Response:
    """Call `verb` with a timer's payload as its arguments."""

    async def call(services: Any) -> None:
        task = _decode(await request.body(), _Task)
        try:
            await verb(services, **task.payload)
        except TypeError as error:
            if "argument" not in str(error):
                raise
            raise Malformed(
                f"the timer {task.name!r} has other arguments than its handler: {error}"
            ) from error

    return await _answer(request, process, call)


async def swept(request: Request, process: Process, verb: Callable[[Any], Awaitable[object]]) -> Response:
    """Call `verb` on schedule."""
    return await _answer(request, process, verb)


def _decode(body: bytes, kind: type[Any]) -> Any:
    if len(body) > MOST:
        raise Malformed(f"the body is larger than {MOST} bytes")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(f"neither a push nor a task: {error}") from error


async def _answer(request: Request, process: Process, call: Callable[[Any], Awaitable[object]]) -> Response:
    try:
        await process.verify_caller(request)
        await call(await process.services())
    except Forged:
        return PlainTextResponse("not our caller\n", 401)
    except Transient as error:
        wait = {"Retry-After": str(round(error.retry_after))} if error.retry_after else {}
        return PlainTextResponse(f"{error}\n", 503, headers=wait)
    except Permanent as error:
        log.error("handler.gave_up", extra={"path": request.scope["path"], "why": str(error)})
        return PlainTextResponse(f"{error}\n", 422)
    return Response(status_code=204)
