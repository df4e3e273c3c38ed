"""The desk's mouth on one call: it can become another between two words, and has others behind it."""

import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import Any

from livekit.agents import APIConnectOptions, tts
from livekit.agents.tts import AvailabilityChangedEvent, FallbackAdapter

from shared.domain.errors import NotConnected

SPEAKING = APIConnectOptions(max_retry=0, timeout=3.0)
"""A vendor that does not begin to speak within three seconds is asked no second time; another one is."""


class Voices(tts.TTS[str]):
    """The mouths of a call's levels, from the cheapest up; `failed` hears of one that broke, and of the next.

    The call begins on the level `begins`, or on the nearest whose vendor is connected. Raises NotConnected
    where none is.
    """

    def __init__(self, make: Sequence[tuple[str, Callable[[], tts.TTS[Any]]]], *, begins: str = "") -> None:
        self._make = dict(make)
        self._order = list(self._make)
        self._mouths: dict[str, tts.TTS[Any]] = {}
        self._adapters: dict[str, tts.TTS[Any]] = {}
        self.failed: Callable[[str, str], None] = lambda *_: None
        self.recovered: Callable[[str], None] = lambda _: None
        self.level, self._current = self._first(begins)
        super().__init__(
            capabilities=self._current.capabilities,
            sample_rate=self._current.sample_rate,
            num_channels=self._current.num_channels,
        )

    def become(self, level: str) -> None:
        """Speak as that level from the next words on. Raises NotConnected where its vendor is not."""
        self._current = self._adapter(level)
        self.level = level
        self._current.prewarm()

    def above(self, level: str) -> str | None:
        """The next level up, if there is one."""
        at = self._order.index(level) + 1
        return self._order[at] if at < len(self._order) else None

    @property
    def capabilities(self) -> tts.TTSCapabilities:
        """Those of the mouth that speaks now."""
        return self._current.capabilities

    @property
    def sample_rate(self) -> int:
        """That of the mouth that speaks now."""
        return self._current.sample_rate

    @property
    def num_channels(self) -> int:
        """One, as all have."""
        return self._current.num_channels

    @property
    def model(self) -> str:
        """The vendor's model that speaks now."""
        return self._current.model

    @property
    def provider(self) -> str:
        """The vendor that speaks now."""
        return self._current.provider

    def synthesize(self, text: str, *, conn_options: APIConnectOptions = SPEAKING) -> tts.ChunkedStream:
        """See TTS."""
        return self._current.synthesize(text, conn_options=conn_options)

    def stream(self, *, conn_options: APIConnectOptions = SPEAKING) -> tts.SynthesizeStream:
        """See TTS."""
        return self._current.stream(conn_options=conn_options)

    def prewarm(self) -> None:
        """See TTS."""
        self._current.prewarm()

    async def aclose(self) -> None:
        """Close every mouth that was opened."""
        for one in [*self._adapters.values(), *self._mouths.values()]:
            await one.aclose()
        await super().aclose()

    def _first(self, begins: str) -> tuple[str, tts.TTS[Any]]:
        lacking: list[str] = []
        for level in [begins or self._order[0], *self._order]:
            try:
                return level, self._adapter(level)
            except NotConnected as error:
                lacking.append(str(error))
        raise NotConnected("; ".join(dict.fromkeys(lacking)))

    def _mouth(self, level: str) -> tts.TTS[Any]:
        if level not in self._mouths:
            self._mouths[level] = self._make[level]()
        return self._mouths[level]

    def _adapter(self, level: str) -> tts.TTS[Any]:
        """A level's mouth with the others behind it: the cheaper ones first, the nearest before the rest."""
        if level in self._adapters:
            return self._adapters[level]
        at = self._order.index(level)
        order = [level, *reversed(self._order[:at]), *self._order[at + 1 :]]
        mouths = [self._mouth(level)]
        for name in order[1:]:
            with contextlib.suppress(NotConnected):
                mouths.append(self._mouth(name))
        order = [name for name in order if name in self._mouths]
        made = FallbackAdapter(mouths, max_retry_per_tts=0)

        def pass_on(name: str, *given: Any) -> None:
            if made is self._current:
                self.emit(name, *given)

        made.on("metrics_collected", functools.partial(pass_on, "metrics_collected"))
        made.on("error", functools.partial(pass_on, "error"))
        names = {id(mouth): name for mouth, name in zip(mouths, order, strict=True)}

        def changed(event: AvailabilityChangedEvent) -> None:
            name = names[id(event.tts)]
            if event.available:
                self.recovered(name)
            else:
                behind = order[order.index(name) + 1 :]
                self.failed(name, behind[0] if behind else "")

        made.on("tts_availability_changed", changed)
        self._adapters[level] = made
        return made
