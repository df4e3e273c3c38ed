"""Never lets a caller wait in silence: a filler, then the model again, then another way, then a person."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from shared.config.calls import Watchdog as Rules
from voice_service.comfort import Comfort
from voice_service.talk import Talk

log = logging.getLogger(__name__)

LOOKS_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Measure:
    """What is done once a caller has waited so long."""

    after: float  # seconds
    name: str
    do: Callable[[], None]


class Watchdog:
    """Looks whether we owe the caller a word and say none; takes one measure after the other, each once."""

    def __init__(
        self,
        talk: Talk,
        comfort: Comfort,
        rules: Rules,
        *,
        fall_back: Callable[[], None],
        ask_person: Callable[[], None],
    ) -> None:
        self.silences = 0
        self._talk = talk
        self._comfort = comfort
        self._measures = sorted(
            (
                Measure(rules.filler_after_ms / 1000, "filler", self._fill),
                Measure(rules.retry_after_ms / 1000, "retry", self._retry),
                Measure(rules.fallback_after_ms / 1000, "fallback", self._unless_acting(fall_back)),
                Measure(rules.person_after_ms / 1000, "person", self._unless_acting(ask_person)),
            ),
            key=lambda measure: measure.after,
        )
        self._rules = rules
        self._taken = 0
        self._filling = False
        self._before: float | None = None

    def owe(self) -> None:
        """The caller waited for a job that died: a sound comes at once, and not after another wait."""
        self._before = time.monotonic() - self._rules.filler_after_ms / 1000
        self._fill()

    async def run(self) -> None:
        """Look until the call is over."""
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            self.look()

    def look(self) -> None:
        """Look once."""
        since = self.owed_since()
        if since is None:
            self._taken = 0
            if self._filling:
                self._filling = False
                self._comfort.stop()
            return
        waited = time.monotonic() - since
        while self._taken < len(self._measures) and waited >= self._measures[self._taken].after:
            measure = self._measures[self._taken]
            self._taken += 1
            log.info("call.silence", extra={"measure": measure.name, "ms": int(waited * 1000)})
            measure.do()

    def owed_since(self) -> float | None:
        """Since when the caller waits for sound of ours, time.monotonic(); None where they do not."""
        talk = self._talk
        if talk.frozen or talk.caller.speaking or talk.sound is None or talk.sound.sounding:
            return None
        owed = [*talk.tools.running.values()]
        if self._before is not None and talk.sound.first_at is None:
            owed.append(self._before)
        if talk.unanswered_since is not None:
            owed.append(talk.caller.ended_at)
        if lasting := talk.lasting:
            owed += [
                at
                for at in (lasting.asked_since, lasting.cut_since, lasting.connection.answering_since)
                if at
            ]
        return max(min(owed), talk.sound.last_at) if owed else None

    def _fill(self) -> None:
        self.silences += not self._filling
        self._filling = True
        self._comfort.begin(filler=True)

    def _retry(self) -> None:
        # A tool that still works ends by its own time; a new connection would only ask it again.
        if (lasting := self._talk.lasting) and not self._talk.tools.running:
            lasting.renew("no sound came")

    def _unless_acting(self, do: Callable[[], None]) -> Callable[[], None]:
        def act() -> None:
            if not self._talk.tools.running:
                do()

        return act
