"""Sounds that say somebody is there: a filler while an answer is late, a soft tune while a caller is held."""

import asyncio
import itertools
import logging
import time
from collections.abc import Sequence
from functools import cache

import numpy as np
from livekit import rtc
from livekit.rtc.participant import PublishTrackError
from numpy.typing import NDArray

log = logging.getLogger(__name__)

RATE = 24_000
FRAME = RATE // 100  # samples of 10 ms, which is what a source without a queue takes
SOFT = 900.0
"""Loudest sample of a sound of comfort, of 32,767: heard, and easily talked over."""

TRACK = "comfort"

CLOSES_SECONDS = 1.0
"""How long an end waits for a track that is just being opened."""

Samples = NDArray[np.int16]


class Comfort:
    """The second sound of ours in the room; nothing of a model's is needed to make it.

    Its track is opened beforehand, so that no wait for LiveKit comes before the first sound. Its source has
    no queue and is given sound only while it is heard: LiveKit fills a queue with silence, and that was coded
    too, for a fifth of what a call takes of the processor.
    """

    def __init__(self, room: rtc.Room) -> None:
        self.fillers: list[bytes] = []  # words, 16 bits at RATE, where a voice has spoken them beforehand
        self._room = room
        self._opening: asyncio.Task[rtc.AudioSource] | None = None
        self._playing: asyncio.Task[None] | None = None
        self._turn = itertools.count()
        self._closed = False

    @property
    def playing(self) -> bool:
        """Whether it is heard, or about to be."""
        return self._playing is not None and not self._playing.done()

    def open(self) -> None:
        """See to it that the room has the track, or soon will; asked again it opens one that failed."""
        failed = self._opening is not None and self._opening.done() and not _well(self._opening)
        if not self._closed and (self._opening is None or failed):
            self._opening = asyncio.create_task(self._open())

    def begin(self, *, filler: bool) -> None:
        """Be heard until `stop`: the tune, where asked after a filler."""
        if not self._closed and not self.playing:
            first = self._filler() if filler else b""
            self._playing = asyncio.create_task(self._play(first))

    def stop(self) -> None:
        """Be silent, at once."""
        if self._playing is not None:
            self._playing.cancel()
            self._playing = None

    async def close(self) -> None:
        """End it."""
        self.stop()
        self._closed = True
        if self._opening:
            await asyncio.wait({self._opening}, timeout=CLOSES_SECONDS)
            self._opening.cancel()
        if source := self._source:
            await source.aclose()

    @property
    def _source(self) -> rtc.AudioSource | None:
        opening = self._opening
        return opening.result() if opening and opening.done() and _well(opening) else None

    def _filler(self) -> bytes:
        spoken = self.fillers or [chime().tobytes()]
        return spoken[next(self._turn) % len(spoken)]

    async def _play(self, first: bytes) -> None:
        self.open()
        assert self._opening is not None  # noqa: S101  just opened; nothing begins once it is closed
        try:
            source = await asyncio.shield(self._opening)  # once begun it is there for the next time
        except PublishTrackError as error:
            log.warning("call.no_comfort", extra={"why": str(error)})
            return
        due = time.monotonic()
        for frame in itertools.chain(_frames(first), itertools.cycle(_frames(tune().tobytes()))):
            await source.capture_frame(frame)
            due += frame.duration
            await asyncio.sleep(due - time.monotonic())

    async def _open(self) -> rtc.AudioSource:
        source = rtc.AudioSource(RATE, 1, queue_size_ms=0)
        track = rtc.LocalAudioTrack.create_audio_track(TRACK, source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=True)
        await self._room.local_participant.publish_track(track, options)
        return source


def _well(opening: "asyncio.Task[rtc.AudioSource]") -> bool:
    return not opening.cancelled() and opening.exception() is None


def _frames(pcm: bytes) -> Sequence[rtc.AudioFrame]:
    size = 2 * FRAME
    pieces = (pcm[at : at + size].ljust(size, b"\0") for at in range(0, len(pcm), size))
    return [rtc.AudioFrame(piece, RATE, 1, FRAME) for piece in pieces]


@cache
def chime() -> Samples:
    """Two soft notes, half a second: a word that we are at it, in no language."""
    return _mixed([(0.0, 523.25, 0.25), (0.18, 659.25, 0.35)], 0.55)


@cache
def tune() -> Samples:
    """Four seconds that repeat without a seam, quiet for less than half a second at a time."""
    notes = (392.0, 493.88, 587.33, 493.88, 440.0, 523.25, 659.25, 523.25)
    return _mixed([(place * 0.5, note, 0.5) for place, note in enumerate(notes)], 4.0)


def _mixed(notes: Sequence[tuple[float, float, float]], seconds: float) -> Samples:
    """Notes (begin, hertz, seconds), each rising and falling as a bell's do."""
    sound = np.zeros(int(seconds * RATE))
    for begin, hertz, length in notes:
        at = np.arange(int(length * RATE)) / RATE
        swell = np.minimum(at / 0.03, 1.0) * np.minimum((length - at) / 0.12, 1.0)
        start = int(begin * RATE)
        sound[start : start + at.size] += np.sin(2 * np.pi * hertz * at) * swell
    scaled: Samples = (sound / np.abs(sound).max() * SOFT).astype(np.int16)
    return scaled
