"""One answer on its way to the ear: shaped for it, cut to what one listens to, its first word timed."""

import re
from collections.abc import Awaitable, Callable
from time import perf_counter

from shared.desk.thought import Thought
from voice_service.for_the_ear import Measured, choices_aloud, for_the_ear

_DEVANAGARI = re.compile("[\u0900-\u097f]")


def tongue_of(text: str, language: str) -> str:
    """The language the words are in, as far as their letters tell; else the talk's."""
    return "hi" if _DEVANAGARI.search(text) else language


class Aloud:
    """Takes an answer's words as they are ready, and passes on what is said."""

    def __init__(self, say: Callable[[str], Awaitable[None]], language: str) -> None:
        self._say = say
        self._language = language
        self._began = perf_counter()
        self._measured = Measured()
        self.said = ""
        self.first_ms: float | None = None

    async def __call__(self, words: str) -> None:
        """Say the next words."""
        await self._pass_on(self._measured.take(for_the_ear(words, tongue_of(words, self._language))))

    async def whole(self, words: str) -> None:
        """Say words that are never left out: a filler, an apology, that a person comes."""
        await self._pass_on(for_the_ear(words, tongue_of(words, self._language)))

    async def rest(self, thought: Thought) -> None:
        """Say what a finished thought offers beside its text, or what its length cut off."""
        if self._measured.cut and thought.handover and thought.handover.reply:
            await self.whole(thought.handover.reply)
        if thought.choices and not all(choice.title in thought.text for choice in thought.choices):
            await self.whole(choices_aloud(thought.choices, tongue_of(thought.text, self._language)))

    async def _pass_on(self, words: str) -> None:
        if not words:
            return
        if self.first_ms is None:
            self.first_ms = (perf_counter() - self._began) * 1000
        self.said = f"{self.said} {words}".strip()
        await self._say(words)
