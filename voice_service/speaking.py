"""Says words that are not the model's own: a goodbye, a colleague's line, what a legal rule asks for."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from livekit.agents import AgentSession
from livekit.agents.voice import SpeechHandle

from voice_service.instructions import ALOUD

log = logging.getLogger(__name__)

LONGEST = 30.0
"""Seconds that anybody waits for words to be played."""

CUT_WITHIN = 2.0
"""Seconds in which what we stop has stopped."""


class Speaking:
    """The desk's mouth on one call, whichever vendor's it is."""

    def __init__(self, session: AgentSession[None]) -> None:
        self._session = session
        self._last: SpeechHandle | None = None
        self.shape: Callable[[str], str] | None = None  # for the ear, where a voice says what it is given
        self.uninterruptible = 0  # words under way that a caller cannot talk over
        self.answered_after = 0  # of them, those into which they may talk, to be heard after
        self._cut_at = -CUT_WITHIN  # when we stopped ourselves last; time.monotonic()
        self.on_deaf: Callable[[], None] = lambda: None  # called where that changes

    @property
    def has_voice(self) -> bool:
        """Whether a voice is connected that says what it is given, word by word."""
        return self.shape is not None

    def ask(self, instructions: str) -> SpeechHandle:
        """Have the model say something in its own words."""
        self._last = self._session.generate_reply(instructions=instructions)
        return self._last

    def say(self, words: str) -> SpeechHandle:
        """Say the words: by the voice that is connected, else by the model, which is told to say them."""
        if self.shape:
            shaped = self.shape(words) or words
            self._last = self._session.say(shaped, allow_interruptions=not self.uninterruptible)
            return self._last
        return self.ask(ALOUD.format(words=words))

    async def say_whole(self, words: str) -> bool:
        """Say the words to their end, whatever the caller says meanwhile; whether they were said."""
        with self.whole():
            return await self.played(self.say(words))

    @contextmanager
    def whole(self, *, answered_after: bool = False) -> Iterator[None]:
        """Within, nobody can talk over what is said; what callers say meanwhile may be answered after."""
        self.uninterruptible += 1
        self.answered_after += answered_after
        self.on_deaf()
        try:
            yield
        finally:
            self.uninterruptible -= 1
            self.answered_after -= answered_after
            self.on_deaf()

    async def played(self, speech: SpeechHandle | None = None, *, seconds: float = LONGEST) -> bool:
        """Returns once a speech, or what is said now, has been played, or that takes too long."""
        speech = speech or self._session.current_speech
        if speech is None:
            return True
        try:
            await asyncio.wait_for(asyncio.shield(speech.wait_for_playout()), seconds)
        except (TimeoutError, RuntimeError) as error:
            log.warning("call.not_said", extra={"why": str(error) or "it took too long"})
            return False
        return not speech.interrupted

    @property
    def cut(self) -> bool:
        """Whether what stops just now was stopped by us, and by no caller."""
        return time.monotonic() - self._cut_at < CUT_WITHIN

    def stop(self) -> asyncio.Future[None]:
        """Stop whatever is said and waits to be said; done once that is so."""
        self._cut_at = time.monotonic()
        return self._session.interrupt(force=True)

    async def silence(self) -> None:
        """The same, and returns once it is so or that takes too long."""
        try:
            await asyncio.wait_for(asyncio.shield(self.stop()), CUT_WITHIN)
        except (TimeoutError, RuntimeError) as error:
            log.warning("call.not_silenced", extra={"why": str(error) or "it took too long"})
