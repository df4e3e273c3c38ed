"""Holds a line to a server shut until it is opened, so that a worker is ready before it is registered."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Gate:
    """Whoever connects is taken, and waits; `knocked` tells that somebody did."""

    def __init__(self, host: str, port: int) -> None:
        self.url = ""
        self.knocked, self.open = asyncio.Event(), asyncio.Event()
        self._host, self._port = host, port
        self._lines = set[asyncio.Task[None]]()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.knocked.set()
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        task.add_done_callback(self._lines.discard)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self.open.wait()
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
            await asyncio.gather(_pass(reader, far_writer), _pass(far_reader, writer))
        writer.close()

    def close(self) -> None:
        """Cut every line."""
        for line in list(self._lines):
            line.cancel()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def gate(to: str) -> AsyncIterator[Gate]:
    """A gate before the server at `to`, ws://host:port."""
    place = urlsplit(to)
    one = Gate(place.hostname or "", place.port or 0)
    server = await asyncio.start_server(one.take, "127.0.0.1", 0)
    one.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield one
    finally:
        one.close()
        server.close()
