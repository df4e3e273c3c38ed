"""Another way to talk for a call whose realtime model does not: a pipeline, or a voice for single answers."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
from livekit import rtc
from livekit.agents import AgentSession, tts
from livekit.agents.voice import SpeechHandle

from shared.config.settings import Settings
from shared.config.versions import Published
from shared.config.voice import TextToSpeech
from shared.domain.errors import NotConnected
from shared.ports import Secrets
from voice_service.call_means import CallMeans
from voice_service.pipeline import Pipeline, orchestrated, ways_of
from voice_service.speech_keys import speech_keys
from voice_service.speech_vendors import mouth
from voice_service.ways_of_answering import Ways


@dataclass(kw_only=True)
class VoiceAlone:
    """Answers what the realtime model heard and left: a model alone thinks, a voice of its own speaks."""

    ways: Ways
    voice: tts.TTS[Any]

    async def answer(self, session: "AgentSession[None]") -> SpeechHandle | None:
        """Say the answer to what waits, in a session without a voice; None where nothing waits."""
        said: list[str] = []

        async def say(words: str) -> None:
            said.append(words)

        await self.ways.answer("", "", say)
        return self.say(session, " ".join(said)) if said else None

    def say(self, session: "AgentSession[None]", words: str) -> SpeechHandle:
        """Say these words."""
        return session.say(words, audio=self._sound(words))

    async def close(self) -> None:
        """End it with its call."""
        await self.ways.close()
        await self.voice.aclose()

    async def _sound(self, words: str) -> AsyncIterator[rtc.AudioFrame]:
        async with self.voice.synthesize(words) as stream:
            async for piece in stream:
                yield piece.frame


async def any_mouth(
    settings: Settings, secrets: Secrets, published: Published, *, http: aiohttp.ClientSession | None = None
) -> tts.TTS[Any] | None:
    """The first voice that is connected, the file's own or Gemini's; None where none is."""
    voice = published.config.voice
    language = voice.language or published.config.desk.languages[0]
    keys = await speech_keys(settings, secrets, published.tenant, voice, session=http)
    for block in (voice.tts, TextToSpeech(provider="gemini")):
        if block is None:
            continue
        with contextlib.suppress(NotConnected):
            return mouth(block, voice, keys, language=language)
    return None


async def fallback(means: CallMeans) -> Pipeline | VoiceAlone | None:
    """What a realtime call falls back to, with its mode set to it; None where nothing is connected.

    A pipeline's `agent` takes the session over (`session.update_agent`); a voice alone answers what waits.
    """
    voice = means.published.config.voice
    if voice.stt and voice.tts:
        with contextlib.suppress(NotConnected):
            made = await orchestrated(means)
            means.state.change(mode="orchestrated")
            return made
    secrets = means.services.ports.secrets
    speaks = await any_mouth(means.settings, secrets, means.published, http=means.http)
    if speaks is None:
        return None
    means.state.change(mode="direct")
    return VoiceAlone(ways=await ways_of(means), voice=speaks)
