"""Whether this process lives, and whether what it stands on answers."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.domain.errors import FrontdeskError
from shared.ports import Ports

PATIENCE = 3.0
"""Seconds a dependency has to answer."""


async def _state(ping: Callable[[], Awaitable[None]]) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            await ping()
    except (FrontdeskError, TimeoutError):
        return "down"
    return "up"


def routes(ports: Ports) -> list[Route]:
    """GET /health: alive. GET /ready: store, bus and timers by name; 503 where one is down."""

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        pings = {"store": ports.store.ping, "bus": ports.bus.ping, "timers": ports.timers.ping}
        states = dict(zip(pings, await asyncio.gather(*map(_state, pings.values())), strict=True))
        down = [name for name, state in states.items() if state == "down"]
        status = "ready" if not down else "not ready"
        return JSONResponse({"status": status, "dependencies": states}, 503 if down else 200)

    return [Route("/health", health), Route("/ready", ready)]
