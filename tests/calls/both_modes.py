"""A desk that speaks in either mode by one worker, so that a test can be had in both."""

import pytest
import pytest_asyncio

from tests.calls.answering import answering
from tests.standins.deepgram import Deepgram

ORCHESTRATED = {
    "mode": "orchestrated",
    "voice_id": "aura-2-andromeda-en",
    "stt": {"provider": "deepgram"},
    "tts": {"provider": "deepgram"},
    "turn_detection": {"silence_duration_ms": 400},
    "deadline_ms": 5000,
}
MODES = pytest.mark.parametrize("mode", [{}, ORCHESTRATED], ids=["realtime", "orchestrated"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(request, livekit, model):
    """An installation with one worker; what its ears know are the KNOWN sentences of the test's module."""
    with Deepgram() as deepgram:
        deepgram.know(*request.module.KNOWN)
        told = {"DEEPGRAM_API_KEY": deepgram.key, "DEEPGRAM_API_URL": deepgram.url}
        async with answering(livekit, {**model.settings, **told}) as there:
            await there.start_worker()
            yield there
