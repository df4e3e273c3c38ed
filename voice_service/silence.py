"""Asks a caller who says nothing whether they are there, and after a while ends the call with a goodbye."""

import asyncio
import time
from collections.abc import Callable

from shared.config.calls import Silence as Rules
from voice_service.talk import Talk

LOOKS_EVERY = 0.2
QUESTION = "The caller has said nothing for a while. Ask in a few words whether they are still there."
GOODBYE = "The caller does not answer. Say in one short sentence that you end the call now, and goodbye."


class Silence:
    """Counts how long nobody has said a word."""

    def __init__(self, talk: Talk, rules: Rules, *, render: Callable[[str], str]) -> None:
        self._talk = talk
        self._rules = rules
        self._render = render
        self._since: float | None = None  # since when they are silent, once they were asked

    async def run(self, goodbye: Callable[[str, str, str], object]) -> None:
        """Count until the call ends; `goodbye` is told what to say, why, and in which words, and hangs up."""
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            talk = self._talk
            if talk.frozen or talk.tools.running or talk.state.call.stage == "closing":
                self._since = None
                continue
            if self._since is not None and talk.heard_at > self._since:
                self._since = None
            quiet = self.seconds()
            if self._since is None and quiet >= self._rules.ask_after_seconds:
                self._since = time.monotonic() - quiet
                self._ask()
            elif self._since is not None and quiet >= self._rules.hang_up_after_seconds:
                words = self._render(self._rules.goodbye) if self._rules.goodbye else ""
                goodbye(GOODBYE, "the caller said nothing any more", words)
                return

    def seconds(self) -> float:
        """How long nobody has said a word, without our question."""
        talk, now = self._talk, time.monotonic()
        if talk.caller.speaking or (self._since is None and talk.sound and talk.sound.sounding):
            return 0.0
        if self._since is not None:
            return now - self._since
        ours = talk.sound.last_at if talk.sound else 0.0
        return now - max(talk.heard_at, ours, talk.began_at)

    def _ask(self) -> None:
        words = self._rules.question
        if words:
            self._talk.speaking.say(self._render(words))
        else:
            self._talk.speaking.ask(QUESTION)
