"""Doors behind the bus and the timers: take a call, call one verb, say how it went.

The answer's status is the whole protocol: 204 done; 422 never try again; 503 try again, after
`Retry-After` where somebody knows when.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from shared.domain.deliveries import Delivery, Firing
from shared.domain.errors import Forged, Malformed, Permanent, Transient
from shared.domain.events import Event

log = logging.getLogger(__name__)

Fact = TypeVar("Fact", bound=Event)
Hear = Callable[[Delivery], Awaitable[None]]
Ring = Callable[[Firing], Awaitable[None]]


class Process(Protocol):
    """What a door asks of bootstrap."""

    async def verify(self, request: Request, handler: str) -> None:
        """Returns if our own bus, timers or schedule are calling. Raises Forged."""
        ...

    async def take(self, request: Request, handler: str, hear: Hear, ring: Ring) -> None:
        """Check that our own bus or timers are calling, and hand on what they tell. Raises Forged."""
        ...

    async def services(self) -> Any:
        """What verbs work with."""
        ...


async def told(
    request: Request,
    process: Process,
    kind: type[Fact],
    verb: Callable[[Any, Fact], Awaitable[None]],
) -> Response:
    """Call `verb` with the fact in a push, or in a timer's payload."""

    async def hear(delivery: Delivery) -> None:
        await verb(await process.services(), kind.decode(delivery.body))

    async def ring(firing: Firing) -> None:
        await verb(await process.services(), kind.decode(msgspec.json.encode(firing.payload)))

    return await _answer(request, process.take(request, verb.__name__, hear, ring))


async def rung(request: Request, process: Process, verb: Callable[..., Awaitable[None]]) -> Response:
    """Call `verb` with a timer's payload as its arguments."""

    async def hear(delivery: Delivery) -> None:
        raise Malformed(f"{delivery.handler!r} is called by timers, and this is a push")

    async def ring(firing: Firing) -> None:
        await verb(await process.services(), **firing.payload)

    return await _answer(request, process.take(request, verb.__name__, hear, ring))


async def swept(request: Request, process: Process, verb: Callable[[Any], Awaitable[object]]) -> Response:
    """Call `verb` on schedule."""

    async def sweep() -> None:
        await process.verify(request, verb.__name__)
        await verb(await process.services())

    return await _answer(request, sweep())


async def _answer(request: Request, work: Awaitable[None]) -> Response:
    try:
        await work
    except Forged:
        return PlainTextResponse("not our caller\n", 401)
    except Transient as error:
        wait = {"Retry-After": str(round(error.retry_after))} if error.retry_after else {}
        return PlainTextResponse(f"{error}\n", 503, headers=wait)
    except Permanent as error:
        log.warning("handler.gave_up", extra={"path": request.scope["path"], "why": str(error)})
        return PlainTextResponse(f"{error}\n", 422)
    return Response(status_code=204)
