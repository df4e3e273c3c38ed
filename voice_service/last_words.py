"""What a caller hears where the desk cannot talk with them: a sentence, by whatever voice is connected."""

import asyncio
import logging
from typing import Any

from livekit import rtc
from livekit.agents import APIError, tts

from voice_service.our_sound import published_as
from voice_service.voices import SPEAKING

log = logging.getLogger(__name__)

SORRY = {
    "en": "I am sorry, we cannot talk with you just now. A colleague will call you back.",
    "hi": "क्षमा करें, अभी हम आपसे बात नहीं कर पा रहे हैं। हमारे सहकर्मी आपको वापस फ़ोन करेंगे।",
    "de": "Es tut uns leid, wir können gerade nicht mit Ihnen sprechen. Wir rufen Sie zurück.",
    "fr": "Nous sommes désolés, nous ne pouvons pas vous parler maintenant. Nous vous rappellerons.",
    "es": "Lo sentimos, ahora no podemos hablar con usted. Le devolveremos la llamada.",
}

TAIL = 0.4
"""Seconds from the last sound we give away until it is heard."""


def sorry(language: str) -> str:
    """The words."""
    return SORRY.get(language[:2], SORRY["en"])


async def say_aside(room: rtc.Room, speaks: tts.TTS[Any], words: str) -> bool:
    """Say the words in the room without a session, on a track of their own; whether they were said."""
    source = rtc.AudioSource(speaks.sample_rate, speaks.num_channels)
    track = rtc.LocalAudioTrack.create_audio_track("last words", source)
    published = await room.local_participant.publish_track(track, published_as())
    said = False
    try:
        async with speaks.synthesize(words, conn_options=SPEAKING) as stream:
            async for piece in stream:
                await source.capture_frame(piece.frame)
                said = True
        await source.wait_for_playout()
        await asyncio.sleep(TAIL)
    except APIError as error:
        log.warning("call.last_words_not_said", extra={"why": str(error)})
    finally:
        await room.local_participant.unpublish_track(published.sid)
        await source.aclose()
        await speaks.aclose()
    return said
