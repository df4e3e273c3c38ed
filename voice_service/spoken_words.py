"""Has the desk's own model speak words aside, for whoever is not to hear the call itself."""

import asyncio
import logging
from collections.abc import AsyncIterator

from livekit import rtc

from voice_service.connection import ConnectedModel
from voice_service.instructions import ALOUD

log = logging.getLogger(__name__)

BEGINS_WITHIN = 6.0


async def spoken(model: ConnectedModel, words: str) -> AsyncIterator[rtc.AudioFrame]:
    """The words as sound, 24 kHz, on a connection of their own; nothing where the vendor does not answer."""
    connection = model.connect()
    try:
        async with asyncio.timeout(BEGINS_WITHIN):
            await connection.ready.wait()
            begun = await connection.generate_reply(instructions=ALOUD.format(words=words))
        async for message in begun.message_stream:
            async for frame in message.audio_stream:
                yield frame
    except TimeoutError:
        log.warning("call.words_aside_not_spoken")
    finally:
        await connection.aclose()
