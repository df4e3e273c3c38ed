"""Work that goes on beside a call, and ends with it; what breaks is told."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Tasks:
    """The tasks of one call."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let work go on."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def stop(self) -> None:
        """End all of it, but for whoever asks."""
        for task in self._running - {asyncio.current_task()}:
            task.cancel()

    async def done(self) -> None:
        """Returns once what is under way now is done."""
        if self._running:
            await asyncio.wait(self._running)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("call.work_broke", exc_info=error)
