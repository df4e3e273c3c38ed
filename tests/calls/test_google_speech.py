"""The stand-in for Google's speech behind LiveKit's own plugin: transcripts, speech, and what goes wrong."""

import grpc
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.speech_v2 import SpeechAsyncClient
from google.cloud.speech_v2.services.speech.transports import SpeechGrpcAsyncIOTransport
from google.cloud.texttospeech_v1 import TextToSpeechAsyncClient
from google.cloud.texttospeech_v1.services.text_to_speech.transports import TextToSpeechGrpcAsyncIOTransport
from livekit.agents import APIConnectOptions, APIError, APIStatusError
from livekit.plugins import google

from tests import hearing
from tests.calls.speaking import QUICK, at_once, streamed, transcripts
from tests.standins.faults import Fault
from tests.standins.google_speech import GoogleSpeech

SENTENCE = "I want to book a blood test"
ANSWER = "There is nine o'clock tomorrow."


@pytest.fixture
def vendor():
    with GoogleSpeech() as server:
        server.know(SENTENCE, "goodbye")
        yield server


@pytest.fixture
async def channel(vendor):
    async with grpc.aio.insecure_channel(vendor.address) as opened:
        yield opened


@pytest.fixture
async def ears(channel, monkeypatch):
    recognizer = google.STT(
        credentials=AnonymousCredentials(), project="p", model="chirp_2", enable_voice_activity_events=True
    )

    async def client(_timeout):
        return SpeechAsyncClient(transport=SpeechGrpcAsyncIOTransport(channel=channel))

    monkeypatch.setattr(recognizer._pool, "_connect_cb", client)
    yield recognizer
    await recognizer.aclose()


@pytest.fixture
async def mouth(channel):
    speaker = google.TTS(credentials=AnonymousCredentials())
    speaker._client = TextToSpeechAsyncClient(transport=TextToSpeechGrpcAsyncIOTransport(channel=channel))
    yield speaker
    await speaker.aclose()


async def test_a_stream_is_transcribed(vendor, ears):
    """Speech begins and ends, is guessed at, and told whole."""
    events = await transcripts(ears, SENTENCE, last="final_transcript")
    kinds = [event.type for event in events if event.type != "recognition_usage"]

    assert ["start_of_speech", "end_of_speech", "interim_transcript", "final_transcript"] == kinds
    assert SENTENCE == events[-1].alternatives[0].text
    assert 16_000 == vendor.configured[0].config.explicit_decoding_config.sample_rate_hertz


@pytest.mark.parametrize("say", [streamed, at_once])
async def test_it_speaks(mouth, say):
    """A text, word by word or whole, comes back as its sound."""
    assert hearing.contains(await say(mouth, ANSWER), 24_000, ANSWER)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_it_may_refuse(vendor, mouth, ears, status):
    """With the status of gRPC that Google gives, told as HTTP's; where it was still sending, as 500."""
    vendor.faults.set(Fault("status", status=status, times=2))

    with pytest.raises(APIStatusError) as spoken:
        await at_once(mouth, ANSWER)
    async with ears.stream(conn_options=QUICK) as stream:
        with pytest.raises(APIStatusError) as listened:
            await anext(stream)

    assert status == spoken.value.status_code
    assert listened.value.status_code in {status, 500}  # gRPC hides the status from a writer


async def test_speech_may_break_off(vendor, mouth):
    """After the first sound it ends in an error; the next try is well."""
    vendor.faults.set(Fault("drop"))
    with pytest.raises(APIError):
        await streamed(mouth, ANSWER)

    assert hearing.contains(await streamed(mouth, ANSWER), 24_000, ANSWER)


async def test_a_transcript_may_break_off(vendor, ears):
    """After a guess it ends in an error."""
    vendor.faults.set(Fault("drop"))
    events = []
    with pytest.raises(APIError):
        await transcripts(ears, SENTENCE, events=events, last="final_transcript")

    assert "interim_transcript" == events[-1].type


async def test_it_may_hang(vendor, mouth):
    """Nothing comes for longer than the plugin waits."""
    vendor.faults.set(Fault("hang", seconds=2))

    with pytest.raises(APIError):
        await streamed(mouth, ANSWER, APIConnectOptions(max_retry=0, timeout=0.5))
