"""Knows when sound of ours leaves: what a model makes faster than it is heard lasts until it is played."""

import time
from collections.abc import Callable

from livekit import rtc
from livekit.agents.voice.io import AudioOutput, AudioOutputCapabilities

BITRATE = 18_000
"""Of a voice, in Opus, each packet sent twice: 58 kbit/s with all headers. LiveKit's own choice made 111."""


def published_as() -> rtc.TrackPublishOptions:
    """How a voice of ours goes into a room."""
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    options.audio_encoding.max_bitrate = BITRATE
    return options


class OurSound(AudioOutput):
    """The desk's sound on its way to the caller, counted in passing. Times are time.monotonic()."""

    def __init__(self, following: AudioOutput) -> None:
        super().__init__(
            label="OurSound",
            capabilities=AudioOutputCapabilities(pause=following.can_pause),
            next_in_chain=following,
            sample_rate=following.sample_rate,
        )
        self.on_begin: Callable[[], None] = lambda: None  # called just before we are heard after a silence
        self.first_at: float | None = None
        self.began_at = 0.0  # of the newest sound without a gap
        self.spoken_seconds = 0.0
        self._until = 0.0

    @property
    def sounding(self) -> bool:
        """Whether the caller hears us just now."""
        return time.monotonic() < self._until

    @property
    def heard_until(self) -> float:
        """Until when what we have made so far is heard."""
        return max(time.monotonic(), self._until)

    @property
    def last_at(self) -> float:
        """When they heard us last; now, where they hear us."""
        return min(time.monotonic(), self._until)

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """Pass it on."""
        await super().capture_frame(frame)
        assert self.next_in_chain is not None  # noqa: S101  given above
        await self.next_in_chain.capture_frame(frame)
        now = time.monotonic()
        if self._until < now:
            self.on_begin()
            self.began_at = now
            self.first_at = self.first_at or now
        self._until = max(self._until, now) + frame.duration
        self.spoken_seconds += frame.duration

    def flush(self) -> None:
        """Pass it on."""
        super().flush()
        if self.next_in_chain is not None:
            self.next_in_chain.flush()

    def clear_buffer(self) -> None:
        """What waits is not heard any more."""
        left = self._until - time.monotonic()
        if left > 0:
            self.spoken_seconds -= left
            self._until -= left
        if self.next_in_chain is not None:
            self.next_in_chain.clear_buffer()
