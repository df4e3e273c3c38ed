"""Goes on after an interruption that was none: a noise that a vendor took for the caller's voice."""

import asyncio
import logging
import time
from collections.abc import Callable

from voice_service.caller_voice import CallerVoice

log = logging.getLogger(__name__)

WAITS = 1.5
"""Seconds in which a caller who interrupted is heard; after them it was a noise."""

JUST_BEFORE = 1.0
"""Seconds before an interruption in which the voice that caused it was heard."""

GO_ON = 'A noise stopped you after "{text}". The caller said nothing: go on from there, and repeat nothing.'


class Interruptions:
    """Counts the interruptions of one call by its caller. `ask` has the model say something."""

    def __init__(self, caller: CallerVoice, *, ask: Callable[[str], None]) -> None:
        self.count = 0
        self.false = 0
        self._caller = caller
        self._ask = ask
        self._waiting: asyncio.Task[None] | None = None

    def stopped(self, text: str) -> None:
        """What we said was stopped after these words."""
        self.count += 1
        if self._waiting:
            self._waiting.cancel()
        self._waiting = asyncio.create_task(self._look(text, time.monotonic()))

    def close(self) -> None:
        """Look no more."""
        if self._waiting:
            self._waiting.cancel()

    async def _look(self, text: str, at: float) -> None:
        await asyncio.sleep(WAITS)
        if self._caller.speaking or self._caller.stopped_at > at - JUST_BEFORE:
            return
        self.count -= 1
        self.false += 1
        log.info("call.false_interruption")
        self._ask(GO_ON.format(text=text[-200:]))
