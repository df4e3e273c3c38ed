"""The desk as LiveKit's pipeline runs one: it hears, thinks by `DeskLLM`, and speaks piece by piece."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable
from typing import Any

from livekit.agents import Agent, ModelSettings, inference, llm, stt, tts
from livekit.agents.types import FlushSentinel
from livekit.agents.voice.io import TimedString
from livekit.agents.voice.turn import TurnHandlingOptions

from shared.config.voice import TurnDetection, Voice
from voice_service.for_the_ear import tells_a_price

LONGEST_PAUSE = 3.0
"""Seconds after which a caller who seems to go on is answered all the same."""


def listens(turn: TurnDetection) -> inference.VAD:
    """What tells speech from silence: silero, which comes with LiveKit's agents."""
    return inference.VAD(
        model="silero",
        min_silence_duration=min(0.55, turn.silence_duration_ms / 1000),
        prefix_padding_duration=turn.prefix_padding_ms / 1000,
        activation_threshold=turn.threshold,
    )


def turns(turn: TurnDetection) -> TurnHandlingOptions:
    """When a caller has finished, and when they speak into ours."""
    pause = turn.silence_duration_ms / 1000
    detection: Any = {"semantic": None, "stt": "stt"}.get(turn.type, "vad")
    return {
        "turn_detection": detection or inference.TurnDetector(version="v1-mini"),
        "endpointing": {"mode": "fixed", "min_delay": pause, "max_delay": max(pause, LONGEST_PAUSE)},
        "interruption": {
            "enabled": True,
            "mode": "vad",
            "min_duration": 0.4,
            "resume_false_interruption": True,
            "false_interruption_timeout": 1.5,
        },
        # A turn that may act is begun once, when the caller has finished.
        "preemptive_generation": {"enabled": False},
    }


class SpokenDesk(Agent):
    """The desk on a call in orchestrated or direct mode."""

    def __init__(
        self,
        voice: Voice,
        *,
        hears: stt.STT[Any],
        thinks: llm.LLM[Any],
        speaks: tts.TTS[Any],
    ) -> None:
        self.pause = voice.turn_detection.silence_duration_ms / 1000
        self.takes_over = False  # whether somebody waits for an answer already
        self.whole: Callable[[], bool] = lambda: False  # whether all that is said now is heard to its end
        self._prices_whole = voice.uninterruptible.prices
        super().__init__(
            instructions="",  # the prompt and what was said before are the turn's business
            stt=hears,
            vad=listens(voice.turn_detection),
            llm=thinks,
            tts=speaks,
            turn_handling=turns(voice.turn_detection),
        )

    async def on_enter(self) -> None:
        """Answer what waits, where the call was another's before."""
        if self.takes_over:
            self.session.generate_reply()

    async def llm_node(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
    ) -> AsyncGenerator[llm.ChatChunk | str | FlushSentinel, None]:
        """What is ready is spoken at once: a voice that waits for more words would leave a silence."""
        async for chunk in Agent.default.llm_node(self, chat_ctx, tools, model_settings):
            yield chunk
            if isinstance(chunk, llm.ChatChunk) and chunk.delta and chunk.delta.content:
                yield FlushSentinel()

    async def transcription_node(
        self,
        text: AsyncIterable[str | TimedString],
        model_settings: ModelSettings,  # noqa: ARG002
    ) -> AsyncGenerator[str | TimedString, None]:
        """Asked as each piece begins to be played: one that tells a price is heard to its end."""
        speech = self.session.current_speech
        if speech is not None and not speech.interrupted:
            speech.allow_interruptions = not self.whole()
        async for words in text:
            whole = self._prices_whole and tells_a_price(words)
            if whole and speech is not None and not speech.interrupted:
                speech.allow_interruptions = False
            yield words
