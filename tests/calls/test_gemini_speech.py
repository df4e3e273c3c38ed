"""Gemini's models of speech at the stand-in's address, behind LiveKit's own plugin for Google."""

import pytest
from livekit.agents import APIStatusError
from livekit.plugins.google.beta import GeminiTTS

from tests import hearing
from tests.calls.speaking import at_once
from tests.standins.model_server import Step


@pytest.fixture
async def mouth(live):
    speaker = GeminiTTS(api_key=live.key)
    yield speaker
    await speaker._client.aio.aclose()


async def test_it_speaks(mouth):
    """A text comes back as its sound, without the instructions that go with it."""
    sound = await at_once(mouth, "There is nine o'clock tomorrow.")

    assert hearing.contains(sound, 24_000, "There is nine o'clock tomorrow.")
    assert len(sound) < 24_000 * 2 * 4


async def test_it_may_refuse(live, mouth):
    """The faults are those of models."""
    live.script(Step(fault="rate_limited"))

    with pytest.raises(APIStatusError) as refused:
        await at_once(mouth, "Hello there.")
    assert 429 == refused.value.status_code
