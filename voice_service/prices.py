"""Lets a sentence that tells a price be heard to its end: so long the model is deaf to the caller."""

import asyncio
import re
from collections.abc import Callable
from contextlib import ExitStack

from voice_service.our_sound import OurSound
from voice_service.speaking import Speaking

MONEY = re.compile(
    r"[₹$€£¥]|\b(?:INR|USD|EUR|GBP|CHF|AED|Rs)\b|\b(?:rupees?|dollars?|euros?|pounds?|francs?|cents?|dirhams?)\b"
    r"|रुपये|रुपए|रूपये",
    re.IGNORECASE,
)
"""Words and signs of money, as models say and write them."""

END = re.compile(r"[.!?।](?:\s|$)")
AFTER = 0.2
"""Seconds that a sentence is kept whole beyond its sound, for the line's own delay."""


class Prices:
    """Follows the words of one call's answers. Sound and words come together, both before they are heard."""

    def __init__(self, speaking: Speaking, sound: OurSound) -> None:
        self._speaking = speaking
        self._sound = sound
        self._sentence = ""
        self._begins = 0.0  # when the sentence under way is heard; loop time, as all here
        self._whole: ExitStack | None = None
        self._timers: list[asyncio.TimerHandle] = []

    def take(self, piece: str) -> None:
        """The next words of an answer."""
        if not self._sentence:
            self._begins = self._sound.heard_until
        self._sentence += piece
        if self._whole is None and MONEY.search(self._sentence):
            self._whole = ExitStack()
            self._at(self._begins, self._keep)
        if END.search(self._sentence):
            self.end()

    def end(self) -> None:
        """The sentence, or the answer, is over."""
        self._sentence = ""
        if self._whole is not None:
            whole, self._whole = self._whole, None
            self._at(self._sound.heard_until + AFTER, whole.close)

    def _keep(self) -> None:
        if self._whole is not None:
            self._whole.enter_context(self._speaking.whole(answered_after=True))

    def _at(self, when: float, do: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        self._timers = [timer for timer in self._timers if timer.when() > loop.time()]
        self._timers.append(loop.call_at(max(when, loop.time()), do))
