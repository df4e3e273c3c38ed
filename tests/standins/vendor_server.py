"""Runs a vendor's stand-in on a port and in a thread of its own, so that a busy test does not slow it."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from websockets.exceptions import InvalidState


class VendorServer:
    """A vendor, as a context. `key` is the one it accepts."""

    port = 0  # a free one
    ws: Literal["auto", "none"] = "none"  # whether it speaks WebSocket
    tls: tuple[Path, Path] | None = None  # certificate and key, where its clients insist

    def __init__(self, key: str = "test-key") -> None:
        self.key = key

    def routes(self) -> Iterable[BaseRoute]:
        """The vendor's paths."""
        raise NotImplementedError

    @property
    def app(self) -> Starlette:
        """The vendor as an ASGI application."""
        return Starlette(routes=list(self.routes()))

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http{'s' * bool(self.tls)}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        # asyncio turns Nagle's delay off only where the socket names its protocol.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self.port = listener.getsockname()[1]
        certificate, key = self.tls or (None, None)
        app = self.app
        config = uvicorn.Config(
            app,
            log_level="critical",
            lifespan="off",
            ws=self.ws,
            ssl_certfile=certificate,
            ssl_keyfile=key,
            timeout_graceful_shutdown=1,
        )
        self._server = app.state.server = uvicorn.Server(config)
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(listener, ready), daemon=True)
        self._thread.start()
        ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    def _serve(self, listener: socket.socket, ready: threading.Event) -> None:
        async def serve() -> None:
            # The socket listens already, so whoever connects before uvicorn accepts just waits.
            ready.set()
            # Uvicorn's way of closing a WebSocket that its client closes just then.
            with contextlib.suppress(InvalidState):
                await self._server.serve(sockets=[listener])

        asyncio.run(serve())
