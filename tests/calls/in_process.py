"""A call's pipeline in this process, without a room: sentences go into its ear, what it plays is kept."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from livekit import rtc
from livekit.agents import AgentSession, ConversationItemAddedEvent, llm
from livekit.agents.voice.io import AudioInput, AudioOutput, AudioOutputCapabilities
from livekit.agents.voice.transcription import TranscriptSynchronizer

from shared.config.settings import read_settings
from shared.domain.calls import Figures
from tests import hearing, speech
from tests.unit.calls.line import Line
from voice_service.call_means import CallMeans
from voice_service.call_state import CallState
from voice_service.pipeline import CONNECTING, Pipeline, orchestrated
from voice_service.transcript import Transcript

RATE = 16_000
FRAME = RATE // 100


class Microphone(AudioInput):
    """Silence in real time, and sentences in it when a test speaks."""

    def __init__(self) -> None:
        super().__init__(label="microphone")
        self._waiting = bytearray()
        self._next = time.monotonic()
        self.ended_at = 0.0  # when the newest sentence was over, time.monotonic()

    def say(self, text: str) -> None:
        """Speak."""
        self._waiting += speech.pcm(text, RATE)

    async def __anext__(self) -> rtc.AudioFrame:
        self._next = max(self._next + 0.01, time.monotonic() - 0.1)
        await asyncio.sleep(max(0.0, self._next - time.monotonic()))
        data = bytes(self._waiting[: FRAME * 2])
        if data:
            del self._waiting[: FRAME * 2]
            self.ended_at = time.monotonic()
        return rtc.AudioFrame(data.ljust(FRAME * 2, b"\0"), RATE, 1, FRAME)


class Earpiece(AudioOutput):
    """Plays in real time what it is given, and keeps it."""

    RATE = 24_000

    def __init__(self) -> None:
        super().__init__(
            label="earpiece", capabilities=AudioOutputCapabilities(pause=False), sample_rate=self.RATE
        )
        self.heard = bytearray()
        self.first_at: float | None = None  # of the newest segment
        self.segments: list[bytes] = []
        self._segment = bytearray()
        self._until = 0.0
        self._ending: asyncio.Task[None] | None = None

    @property
    def playing(self) -> bool:
        """Whether something is heard just now."""
        return bool(self._segment)

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        now = time.monotonic()
        if not self._segment:
            self.first_at = now
            self._until = now
            self.on_playback_started(created_at=time.time())
        self._until = max(self._until, now) + frame.duration
        self._segment += bytes(frame.data)

    def flush(self) -> None:
        super().flush()
        if self._segment:
            self._ending = asyncio.create_task(self._end(interrupted=False))

    def clear_buffer(self) -> None:
        if self._segment:
            if self._ending:
                self._ending.cancel()
            self._finish(interrupted=True)

    async def _end(self, *, interrupted: bool) -> None:
        await asyncio.sleep(max(0.0, self._until - time.monotonic()))
        self._finish(interrupted=interrupted)

    def _finish(self, *, interrupted: bool) -> None:
        played = len(self._segment) / 2 / self.RATE - max(0.0, self._until - time.monotonic())
        kept = self._segment[: int(played * self.RATE) * 2]
        self.heard += kept
        self.segments.append(bytes(kept))
        self._segment = bytearray()
        self.on_playback_finished(playback_position=played, interrupted=interrupted)


@dataclass
class Talking:
    """A call whose sound a test makes and hears."""

    line: Line
    state: CallState
    pipeline: Pipeline
    session: AgentSession[None]
    microphone: Microphone
    earpiece: Earpiece
    transcript: Transcript

    @property
    def figures(self) -> Figures:
        """The figures so far."""
        return self.pipeline.means.figures.of(self.state.call.figures)

    def heard(self, words: str) -> bool:
        """Whether the caller has heard the words."""
        return hearing.contains(bytes(self.earpiece.heard), Earpiece.RATE, words)

    async def comes(self, holds: Callable[[], Any], seconds: float = 15.0) -> Any:
        """What comes to be true in time."""
        deadline = time.monotonic() + seconds
        while not (found := holds()):
            assert time.monotonic() < deadline, f"not within {seconds} s; said {await self.said()}"
            await asyncio.sleep(0.02)
        return found

    async def settles(self) -> None:
        """Returns once nothing is being said, and what was said is written down."""
        await self.comes(lambda: self.session.agent_state == "listening")
        await self.transcript.settled()

    async def said(self) -> list[tuple[str, str]]:
        """What stands in the transcript."""
        await self.transcript.settled()
        return [(one.author, one.content.text) for one in await self.line.messages()]


@asynccontextmanager
async def talking(line: Line, environment: dict[str, str]) -> AsyncIterator[Talking]:
    """The call, with its pipeline running on the vendors that the environment leads to."""
    services, store = line.front.services, line.front.store
    state = await CallState.claim(services, "acme", line.call, job="job-1", worker="worker-1")

    async def nobody() -> None:
        return None

    transcript = Transcript(services, store, lambda: state.call, line.published, after_heard=nobody)
    async with aiohttp.ClientSession() as http:
        means = CallMeans.of(
            read_settings(environment),
            services,
            store,
            state,
            line.published,
            transcript=transcript,
            http=http,
        )
        pipeline = await orchestrated(means)
        session: AgentSession[None] = AgentSession(
            conn_options=CONNECTING, user_away_timeout=None, aec_warmup_duration=None
        )
        microphone, earpiece = Microphone(), Earpiece()

        def written(event: ConversationItemAddedEvent) -> None:
            if isinstance(event.item, llm.ChatMessage):
                pipeline.write(event.item)

        in_step = TranscriptSynchronizer(next_in_chain_audio=earpiece, next_in_chain_text=None)
        session.input.audio = microphone
        session.output.audio, session.output.transcription = in_step.audio_output, in_step.text_output
        session.on("conversation_item_added", written)
        means.figures.follow(session)
        pipeline.follow(session)
        await session.start(pipeline.agent, record=False)
        try:
            yield Talking(line, state, pipeline, session, microphone, earpiece, transcript)
        finally:
            await session.aclose()
            await in_step.aclose()
            await transcript.close()
            await pipeline.close()
            await means.figures.close()
            await state.settled()
