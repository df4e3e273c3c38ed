"""The stand-in for OpenAI's speech behind LiveKit's own plugin: transcripts, speech, and what goes wrong."""

import aiohttp
import pytest
from livekit.agents import APIConnectOptions, APIError, APIStatusError
from livekit.plugins import openai

from tests import hearing
from tests.calls.speaking import QUICK, at_once, frames, transcripts
from tests.standins.faults import Fault
from tests.standins.openai_audio import OpenAIAudio

SENTENCE = "I want to book a blood test"


@pytest.fixture
def vendor():
    with OpenAIAudio() as server:
        server.know(SENTENCE, "goodbye")
        yield server


@pytest.fixture
async def ears(vendor, job_context):
    recognizer = openai.STT(api_key=vendor.key, base_url=vendor.base_url, use_realtime=True)
    yield recognizer
    await recognizer.aclose()
    await recognizer._client.close()


@pytest.fixture
async def mouth(vendor):
    speaker = openai.TTS(api_key=vendor.key, base_url=vendor.base_url, response_format="pcm")
    yield speaker
    await speaker.aclose()
    await speaker._client.close()


async def test_a_stream_is_transcribed(vendor, ears):
    """The server finds a sentence's ends, tells it word by word, and then whole."""
    events = await transcripts(ears, SENTENCE, last="final_transcript")
    kinds = [event.type for event in events if event.type != "recognition_usage"]

    assert ["start_of_speech", "end_of_speech"] == kinds[:2]
    assert SENTENCE == next(one for one in events if one.type == "final_transcript").alternatives[0].text
    assert [SENTENCE] == vendor.heard


async def test_a_file_is_transcribed(vendor):
    """A whole recording is told at once."""
    recognizer = openai.STT(api_key=vendor.key, base_url=vendor.base_url, use_realtime=False)

    assert SENTENCE == (await recognizer.recognize(frames(SENTENCE), conn_options=QUICK)).alternatives[0].text
    await recognizer.aclose()
    await recognizer._client.close()


@pytest.mark.parametrize("model", ["gpt-4o-mini-tts", "tts-1"])
async def test_it_speaks(vendor, model):
    """As events or as plain bytes, according to the model."""
    speaker = openai.TTS(api_key=vendor.key, base_url=vendor.base_url, response_format="pcm", model=model)
    sound = await at_once(speaker, "There is nine o'clock tomorrow.")
    await speaker.aclose()
    await speaker._client.close()

    assert hearing.contains(sound, 24_000, "There is nine o'clock tomorrow.")


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_it_may_refuse(vendor, mouth, status):
    """With an HTTP status."""
    vendor.faults.set(Fault("status", status=status))

    with pytest.raises(APIStatusError) as refused:
        await at_once(mouth, "Hello there.")
    assert status == refused.value.status_code


async def test_a_stream_may_be_refused(vendor, ears):
    """A status refuses a realtime session as well; the plugin passes on aiohttp's own error."""
    vendor.faults.set(Fault("status", status=503))

    with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
        await transcripts(ears, SENTENCE)


async def test_a_transcript_may_break_off(vendor, ears):
    """After the first word the line is cut."""
    vendor.faults.set(Fault("drop", path="realtime"))
    events = []
    with pytest.raises(APIError):
        await transcripts(ears, SENTENCE, events=events, last="final_transcript")

    assert "final_transcript" not in [event.type for event in events]


async def test_speech_may_break_off(vendor, mouth):
    """After the first sound the line is cut; the next try is well."""
    vendor.faults.set(Fault("drop", path="speech"))
    with pytest.raises(APIError):
        await at_once(mouth, "There is nine o'clock tomorrow.")

    assert await at_once(mouth, "There is nine o'clock tomorrow.")


async def test_it_may_hang(vendor, mouth):
    """Nothing comes for a while; the plugin waits longer than that."""
    vendor.faults.set(Fault("hang", seconds=0.5, path="speech"))

    sound = await at_once(mouth, "There is nine o'clock.", APIConnectOptions(max_retry=0, timeout=5))
    assert hearing.contains(sound, 24_000, "There is nine o'clock.")
