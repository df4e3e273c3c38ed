"""The sides of a spoken turn that run in this process: the desk and LiveKit's plain agents, each both ways.

Ears and mouth are instant, and the language model waits as long as it is told, on each side; in realtime both
speak with one stand-in for Gemini Live. No side has a room: sound comes in and goes out at the worker.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

from google.genai import types
from livekit import rtc
from livekit.agents import Agent, AgentSession, APIConnectOptions, llm
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS
from livekit.agents.voice.turn import TurnHandlingOptions
from livekit.plugins.google.realtime import RealtimeModel

from benchmarks.instant_speech import ANSWER, Humming, InstantSTT, InstantTTS, InstantVAD
from shared import bootstrap
from shared.backends.embedded.clock import EmbeddedClock
from shared.config.settings import read_settings
from shared.desk.calls.begin import Ringing, begin
from tests.calls import in_process
from tests.calls.answering import answering
from tests.calls.in_process import Earpiece
from tests.unit.calls.line import ring
from tests.unit.calls.scripted import ScriptedModel
from tests.unit.desk.front import Front
from voice_service import pipeline, spoken_desk
from voice_service.call_state import CallState
from voice_service.caller_voice import HeardInput
from voice_service.livekit_server import LiveKitServer
from voice_service.our_sound import OurSound
from voice_service.talk import Hold, Talk

FLOOR: TurnHandlingOptions = {
    "turn_detection": "vad",
    "endpointing": {"mode": "fixed", "min_delay": 0.0, "max_delay": 0.0},
    "interruption": {"enabled": True, "mode": "vad"},
    "preemptive_generation": {"enabled": False},
}
"""Whoever was quiet for as long as the detector waits has finished; nothing is begun before."""

SETTLES = 0.6
"""Seconds between turns."""


@dataclass
class Side:
    """One way of answering, its caller and its sound."""

    microphone: Humming
    earpiece: Earpiece

    async def turn(self) -> float:
        """Milliseconds from the last sound of the caller to the first of the answer."""
        self.earpiece.first_at = None
        self.microphone.hum()
        await self._until(lambda: not self.microphone.humming)
        await self._until(lambda: self.earpiece.first_at is not None)
        assert self.earpiece.first_at
        took = (self.earpiece.first_at - self.microphone.ended_at) * 1000
        await self._until(lambda: not self.earpiece.playing)
        await asyncio.sleep(SETTLES)
        return took

    async def _until(self, holds: Callable[[], bool]) -> None:
        give_up = time.monotonic() + 20
        while not holds():
            if time.monotonic() > give_up:
                raise TimeoutError("nothing was answered within 20 s")
            await asyncio.sleep(0.01)


class WaitingLLM(llm.LLM[Any]):
    """A language model of LiveKit's shape that answers after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        **_: Any,
    ) -> llm.LLMStream:
        """The answer."""
        return WaitingStream(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class WaitingStream(llm.LLMStream):
    """Its one answer."""

    async def _run(self) -> None:
        assert isinstance(self._llm, WaitingLLM)
        await asyncio.sleep(self._llm.seconds)
        delta = llm.ChoiceDelta(role="assistant", content=ANSWER)
        self._event_ch.send_nowait(llm.ChatChunk(id="answer", delta=delta))


@dataclass
class WaitingModel(ScriptedModel):
    """The same for the desk, which asks it for the signals beside the answer."""

    seconds: float = 0.3

    async def stream(self, request: Any) -> AsyncIterator[Any]:
        """The answer."""
        self.script = [[self.seconds, ANSWER]]
        async for piece in super().stream(request):
            yield piece


@asynccontextmanager
async def plain(seconds: float) -> AsyncIterator[Side]:
    """LiveKit's agents: they hear, ask the model and speak."""
    session: AgentSession[None] = AgentSession(
        stt=InstantSTT(), vad=InstantVAD(), llm=WaitingLLM(seconds), tts=InstantTTS(), turn_handling=FLOOR,
        user_away_timeout=None, aec_warmup_duration=None,
    )  # fmt: skip
    async with _started(session, Agent(instructions="You are a front desk.")) as side:
        yield side


@asynccontextmanager
async def plain_realtime(led: dict[str, str], silence_ms: int) -> AsyncIterator[Side]:
    """LiveKit's agents over the vendor's realtime model."""
    transcription = types.AudioTranscriptionConfig()
    model = RealtimeModel(
        model="gemini-3.8-live", voice="Kore", language="en", api_key=led["GEMINI_API_KEY"],
        input_audio_transcription=transcription, output_audio_transcription=transcription,
        realtime_input_config=types.RealtimeInputConfig(
            automatic_activity_detection=types.AutomaticActivityDetection(silence_duration_ms=silence_ms)
        ),
    )  # fmt: skip
    session: AgentSession[None] = AgentSession(llm=model, vad=None, user_away_timeout=None)
    async with _started(session, Agent(instructions="You are a front desk.")) as side:
        yield side


@asynccontextmanager
async def _started(session: "AgentSession[None]", agent: Agent) -> AsyncIterator[Side]:
    side = Side(Humming(), Earpiece())
    session.input.audio, session.output.audio = side.microphone, side.earpiece
    await session.start(agent, record=False)
    try:
        yield side
    finally:
        await session.aclose()


@asynccontextmanager
async def desk(folder: Path, seconds: float) -> AsyncIterator[Side]:
    """Ours: the desk's own graph thinks, its turn is recorded and committed, its words are spoken."""
    told = {"FRONTDESK_DATA": str(folder), "META_APP_ID": "app-1", "META_ACCESS_TOKEN": "t"}
    process = bootstrap.Process(read_settings(told), told)
    front = Front(await process.services(), EmbeddedClock())  # type: ignore[arg-type]  one that moves by itself
    ears = mock.patch.multiple(
        pipeline, ear=lambda *_, **__: InstantSTT(), mouth=lambda *_, **__: InstantTTS()
    )
    turns = mock.patch.multiple(spoken_desk, listens=lambda _: InstantVAD(), turns=lambda _: FLOOR)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(process.close)
        for patch in (ears, turns, mock.patch.multiple(in_process, Microphone=Humming)):
            stack.enter_context(patch)
        line = await ring(
            front, WaitingModel(seconds=seconds, judging=seconds), deadline_ms=5000,
            stt={"provider": "deepgram"}, tts={"provider": "openai"},
        )  # fmt: skip
        there = await stack.enter_async_context(in_process.talking(line, told))
        assert isinstance(there.microphone, Humming)
        yield Side(there.microphone, there.earpiece)


class Unconnected(Talk):
    """A call whose sound goes in and out here, and into no room."""

    side: Side

    async def _open_room(self, _: rtc.RemoteParticipant | None) -> None:
        self.side = Side(Humming(), Earpiece())
        self.sound = OurSound(self.side.earpiece)
        self.session.input.audio = HeardInput(self.side.microphone, self.caller.hear)
        self.session.output.audio = self.sound


@asynccontextmanager
async def desk_realtime(led: dict[str, str], silence_ms: int) -> AsyncIterator[Side]:
    """Ours over the vendor's realtime model, with transcript, tools, judging and all."""
    nowhere = LiveKitServer(url="ws://127.0.0.1:9", key="key", secret="s" * 40, media_port=0, pid=0)
    async with answering(nowhere, led) as there:
        published = await there.publish(
            voice={"turn_detection": {"silence_duration_ms": silence_ms}}, agent={"name": "Mira"}
        )
        name = uuid4().hex
        ringing = Ringing(id=name, room=name, direction="browser", account="front", contact=name)
        call = await begin(there.services, published, ringing)
        state = await CallState.claim(there.services, "acme", call, job="job-1", worker="worker-1")
        hold = Hold(
            process=there.process, services=there.services, store=there.store, state=state,
            published=published, room=rtc.Room(),
        )  # fmt: skip
        talk = Unconnected(hold, hang_up=lambda _: None)
        await talk.start(None)
        try:
            yield talk.side
        finally:
            with contextlib.suppress(Exception):  # what is measured is over
                await talk.close()
