"""Whether a voice worker lives, whether what it stands on answers, and what its calls were like."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from shared.config.settings import Settings
from shared.desk.services import Services
from shared.domain.errors import FrontdeskError, NotConnected
from voice_service import metrics

PATIENCE = 3.0
"""Seconds each has to answer."""


class Health:
    """The worker's own small server: GET /health, /ready and /metrics."""

    def __init__(self, settings: Settings, services: Services, registered: Callable[[], bool]) -> None:
        self._settings = settings
        self._services = services
        self._registered = registered
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/health", self._health),
                web.get("/ready", self._ready),
                web.get("/metrics", _metrics),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        settings = self._settings
        await web.TCPSite(self._runner, settings.voice_host, int(settings.voice_port)).start()

    async def close(self) -> None:
        """Stop listening."""
        if self._runner:
            await self._runner.cleanup()

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _ready(self, _: web.Request) -> web.Response:
        asked: dict[str, Callable[[], Awaitable[object]]] = {
            "store": self._services.ports.store.ping,
            "livekit": self._livekit,
            "model": self._model,
        }
        states = dict(zip(asked, await asyncio.gather(*map(_state, asked.values())), strict=True))
        down = any(state == "down" for state in states.values())
        told = {"status": "not ready" if down else "ready", "dependencies": states}
        return web.json_response(told, status=503 if down else 200)

    async def _livekit(self) -> None:
        if not self._registered():
            raise NotConnected("the worker is not registered at LiveKit")
        await self._services.livekit().rooms(["-"])

    async def _model(self) -> None:
        if not self._settings.gemini_api_key:
            raise NotConnected("GEMINI_API_KEY is not set")


async def _metrics(_: web.Request) -> web.Response:
    return web.Response(body=metrics.text(), headers={"Content-Type": metrics.TYPE})


async def _state(ping: Callable[[], Awaitable[object]]) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            await ping()
    except (FrontdeskError, TimeoutError):
        return "down"
    return "up"
