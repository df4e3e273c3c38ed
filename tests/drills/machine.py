"""What the machine itself does to sound meanwhile: a plain tone from one participant to another, unbroken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests import speech
from tests.calls.caller import Caller, calling
from tests.calls.recording import Recording
from voice_service.livekit_server import LiveKitServer

PIECE_SECONDS = 10.0


@asynccontextmanager
async def tone(server: LiveKitServer) -> AsyncIterator[Recording]:
    """What is heard of a tone that never stops; its silences are the machine's and nobody else's."""
    async with calling(server, "machine", "listener") as ear, calling(server, "machine", "tone") as mouth:
        playing = [asyncio.create_task(_play(mouth)) for _ in range(2)]  # one waits while the other plays
        await ear.hears(0.0, 30)
        try:
            yield ear.recording
        finally:
            for task in playing:
                task.cancel()
            await asyncio.gather(*playing, return_exceptions=True)


async def _play(mouth: Caller) -> None:
    piece = speech.tone(440, PIECE_SECONDS)
    while True:
        await mouth.play(piece)
