"""The stand-in for Deepgram behind LiveKit's own plugin: transcripts, speech, and what goes wrong."""

import aiohttp
import pytest
from livekit.agents import APIConnectionError, APIConnectOptions, APIError, APIStatusError, stt
from livekit.plugins import deepgram

from tests import hearing
from tests.calls.speaking import QUICK, at_once, frames, streamed, transcripts
from tests.standins.deepgram import Deepgram
from tests.standins.faults import Fault

SENTENCE = "I want to book a blood test"


@pytest.fixture
def vendor():
    with Deepgram() as server:
        server.know(SENTENCE, "goodbye")
        yield server


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as session:
        yield session


def ears(vendor, http, **options):
    key = options.pop("key", vendor.key)
    return deepgram.STT(
        api_key=key, base_url=vendor.listen_url, http_session=http, endpointing_ms=300, **options
    )


@pytest.fixture
async def mouth(vendor, http):
    speaker = deepgram.TTS(api_key=vendor.key, base_url=vendor.speak_url, http_session=http)
    yield speaker
    await speaker.aclose()


async def test_a_stream_is_transcribed(vendor, http):
    """Speech begins, is guessed at, is told with its words and their times, and ends."""
    events = await transcripts(ears(vendor, http), SENTENCE)
    kinds = [event.type for event in events if event.type != stt.SpeechEventType.RECOGNITION_USAGE]

    assert ["start_of_speech", "interim_transcript", "final_transcript", "end_of_speech"] == kinds
    final = next(event for event in events if event.type == "final_transcript").alternatives[0]
    assert SENTENCE == final.text
    assert SENTENCE.split() == [str(word) for word in final.words]
    assert 0 <= final.words[0].start_time < final.words[-1].end_time < 3
    assert "16000" == vendor.opened[0]["sample_rate"]


async def test_what_it_does_not_know_has_no_words(vendor, http):
    """A sentence of which it was not told is not guessed."""
    events = await transcripts(ears(vendor, http), "what are your opening hours")

    assert "final_transcript" not in [event.type for event in events]
    assert [""] == vendor.heard


async def test_a_file_is_transcribed(vendor, http):
    """A whole recording is told at once."""
    event = await ears(vendor, http).recognize(frames(SENTENCE), conn_options=QUICK)

    assert SENTENCE == event.alternatives[0].text


@pytest.mark.parametrize("say", [streamed, at_once])
async def test_it_speaks(vendor, mouth, say):
    """A text, word by word or whole, comes back as its sound."""
    sound = await say(mouth, "There is nine o'clock tomorrow.")

    assert hearing.contains(sound, 24_000, "There is nine o'clock tomorrow.")
    assert ["There is nine o'clock tomorrow."] == vendor.spoken


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_it_may_refuse(vendor, http, mouth, status):
    """An HTTP status refuses a stream as it refuses a request."""
    vendor.faults.set(Fault("status", status=status, times=2))

    with pytest.raises(APIStatusError) as listened:
        await transcripts(ears(vendor, http), SENTENCE)
    with pytest.raises(APIStatusError) as spoken:
        await at_once(mouth, "Hello there.")

    assert [status, status] == [listened.value.status_code, spoken.value.status_code]


async def test_a_wrong_key_is_refused(vendor, http):
    """As the vendor does it, with 401."""
    with pytest.raises(APIStatusError) as refused:
        await transcripts(ears(vendor, http, key="other"), SENTENCE)

    assert 401 == refused.value.status_code


async def test_a_stream_may_break(vendor, mouth):
    """In the middle of an answer the line is cut; the next try is well."""
    vendor.faults.set(Fault("drop", path="speak"))
    with pytest.raises(APIError):
        await streamed(mouth, "There is nine o'clock tomorrow.")
    sound = await streamed(mouth, "There is nine o'clock tomorrow.")

    assert hearing.contains(sound, 24_000, "There is nine o'clock tomorrow.")


async def test_a_transcript_may_break_off(vendor, http):
    """After a guess the line is cut."""
    vendor.faults.set(Fault("drop", path="listen"))
    events = []
    with pytest.raises(APIError):
        await transcripts(ears(vendor, http), SENTENCE, events=events, last="final_transcript")

    assert ["start_of_speech", "interim_transcript"] == [event.type for event in events][:2]
    assert "final_transcript" not in [event.type for event in events]


async def test_it_may_hang(vendor, mouth):
    """Nothing comes for longer than the plugin waits."""
    vendor.faults.set(Fault("hang", seconds=5, path="speak"))
    with pytest.raises((APIConnectionError, APIError)):
        await streamed(mouth, "Hello there my friend.", APIConnectOptions(max_retry=0, timeout=0.5))
