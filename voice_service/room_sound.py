"""The sound of somebody in a call's room, for whoever listens to them beside the session."""

import time
from collections.abc import AsyncIterator

from livekit import rtc

from voice_service.caller_voice import CallerVoice

RATE = 16_000

PAUSE = 2.0
"""Seconds without a sound after which a machine has begun to record, be it with a beep before or not."""

GREETING_AT_MOST = 45.0
"""Seconds that a machine's greeting is waited for."""


async def sound_of(participant: rtc.RemoteParticipant) -> AsyncIterator[rtc.AudioFrame]:
    """What they say from now on, 16 kHz, until their track ends; nothing where they have none."""
    published = participant.track_publications.values()
    track = next((one.track for one in published if isinstance(one.track, rtc.RemoteAudioTrack)), None)
    if track is None:
        return
    stream = rtc.AudioStream.from_track(track=track, sample_rate=RATE, num_channels=1)
    try:
        async for event in stream:
            yield event.frame
    finally:
        await stream.aclose()


async def falls_silent(participant: rtc.RemoteParticipant) -> None:
    """Returns once they have been silent for a while, or after a long one."""
    voice, since = CallerVoice(silence=PAUSE), time.monotonic()
    async for frame in sound_of(participant):
        voice.hear(frame)
        now = time.monotonic()
        if now - since > GREETING_AT_MOST or now - max(since, voice.stopped_at) > PAUSE:
            return
