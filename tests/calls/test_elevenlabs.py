"""The stand-in for ElevenLabs behind LiveKit's own plugin: voices, speech, and what goes wrong with it."""

import pytest
from livekit.agents import APIConnectOptions, APIError, APIStatusError, APITimeoutError
from livekit.plugins import elevenlabs

from tests import hearing
from tests.calls.speaking import at_once, streamed
from tests.standins.elevenlabs import ElevenLabs
from tests.standins.faults import Fault

SENTENCE = "There is nine o'clock tomorrow."


@pytest.fixture
def vendor():
    with ElevenLabs() as server:
        yield server


@pytest.fixture
async def mouth(vendor, job_context):
    speaker = elevenlabs.TTS(api_key=vendor.key, base_url=vendor.base_url, encoding="pcm_24000")
    yield speaker
    await speaker.aclose()


@pytest.mark.parametrize("say", [streamed, at_once])
async def test_it_speaks(mouth, say):
    """A text, word by word or whole, comes back as its sound."""
    assert hearing.contains(await say(mouth, SENTENCE), 24_000, SENTENCE)


async def test_it_has_voices(mouth):
    """They are listed by name."""
    assert ["Bella", "Rachel"] == [voice.name for voice in await mouth.list_voices()]


async def test_a_voice_it_does_not_have_is_refused(vendor, mouth):
    """As the vendor does it, with 404."""
    mouth.update_options(voice_id="nobody")

    with pytest.raises(APIStatusError) as refused:
        await at_once(mouth, SENTENCE)
    assert 404 == refused.value.status_code


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_it_may_refuse(vendor, mouth, status):
    """A status refuses a stream when it is opened, and a request."""
    vendor.faults.set(Fault("status", status=status, times=2))

    for say in (streamed, at_once):
        with pytest.raises(APIStatusError) as refused:
            await say(mouth, SENTENCE)
        assert status == refused.value.status_code


async def test_a_stream_may_break(vendor, mouth):
    """After the first sound the line is cut; the next try is well."""
    vendor.faults.set(Fault("drop"))
    with pytest.raises(APIError):
        await streamed(mouth, SENTENCE)

    assert hearing.contains(await streamed(mouth, SENTENCE), 24_000, SENTENCE)


async def test_it_may_hang(vendor, mouth):
    """Nothing comes for longer than the plugin waits."""
    vendor.faults.set(Fault("hang", seconds=3))

    with pytest.raises((APITimeoutError, APIStatusError)):
        await streamed(mouth, SENTENCE, APIConnectOptions(max_retry=0, timeout=0.5))
