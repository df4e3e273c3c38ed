"""What hears people in a call's room beside the session, and what it hears them say."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

from livekit import rtc
from livekit.agents import stt

from shared.domain.errors import NotConnected
from voice_service.pipeline import HEARING, ears_of
from voice_service.room_sound import sound_of
from voice_service.speech_keys import speech_keys
from voice_service.spoken_desk import listens
from voice_service.talk import Hold


async def ears_beside(hold: Hold) -> stt.STT[Any] | None:
    """What hears a stream of sound for the desk; None where its voice.stt is not connected."""
    published = hold.published
    voice, secrets = published.config.voice, hold.services.ports.secrets
    keys = await speech_keys(hold.process.settings, secrets, published.tenant, voice)
    try:
        found = ears_of(published, keys)
    except NotConnected:
        return None
    if found.capabilities.streaming:
        return found
    return stt.StreamAdapter(stt=found, vad=listens(voice.turn_detection))


async def words_of(hears: stt.STT[Any], participant: rtc.RemoteParticipant) -> AsyncGenerator[str, None]:
    """What somebody in the room says from now on, piece by piece."""
    async with hears.stream(conn_options=HEARING) as stream:
        feeding = asyncio.create_task(feed(stream.push_frame, participant))
        try:
            async for event in stream:
                final = event.type == stt.SpeechEventType.FINAL_TRANSCRIPT and event.alternatives
                if final and (words := event.alternatives[0].text.strip()):
                    yield words
        finally:
            feeding.cancel()


async def feed(push: Callable[[rtc.AudioFrame], None], participant: rtc.RemoteParticipant) -> None:
    """Give somebody's sound on, as long as they are heard."""
    async for frame in sound_of(participant):
        push(frame)
