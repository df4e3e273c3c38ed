"""Puts what many ask for in one moment into one call: under load the call costs more than what it writes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Gathering(Generic[Item]):
    """Calls `write` with all that was added while the event loop went round once."""

    def __init__(self, write: Callable[[list[Item]], Awaitable[None]]) -> None:
        self._write = write
        self._added: list[Item] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._writing: set[asyncio.Task[None]] = set()

    async def add(self, items: Sequence[Item]) -> None:
        """Returns when they are written; what `write` raises, all hear for whom it wrote.

        Whoever is cancelled meanwhile stops waiting and no more: the items are written.
        """
        if not self._waiting:
            task = asyncio.create_task(self._write_added())
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(written)
        self._added += items
        await written

    async def _write_added(self) -> None:
        added, self._added = self._added, []
        waiting, self._waiting = self._waiting, []
        error: Exception | None = None
        try:
            await self._write(added)
        except Exception as raised:  # noqa: BLE001 - it belongs to those who wait
            error = raised
        for written in waiting:
            if written.done():  # cancelled
                continue
            if error:
                written.set_exception(error)
            else:
                written.set_result(None)
