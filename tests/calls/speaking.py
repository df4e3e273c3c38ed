"""Sound and events of LiveKit's plugins for speech, as tests of several vendors ask for them."""

from livekit import rtc
from livekit.agents import APIConnectOptions, stt

from tests import speech

QUICK = APIConnectOptions(max_retry=0, retry_interval=0.05, timeout=3)
"""One try, so that a fault is seen as it is."""


def frames(text: str, rate: int = 16_000, after: float = 1.0) -> list[rtc.AudioFrame]:
    """A sentence in frames of 10 ms, and silence after it."""
    pcm, size = speech.pcm(text, rate) + speech.silence(after, rate), rate // 100 * 2
    return [rtc.AudioFrame(pcm[at : at + size], rate, 1, size // 2) for at in range(0, len(pcm) - size, size)]


async def transcripts(
    recognizer: stt.STT,
    text: str,
    options: APIConnectOptions = QUICK,
    events: list[stt.SpeechEvent] | None = None,
    last: str = "",
) -> list[stt.SpeechEvent]:
    """What a streaming recogniser tells of a sentence, in `events` as it comes.

    Until the stream's end; or, with the caller still on the line, an event of the type `last`.
    """
    told = [] if events is None else events
    async with recognizer.stream(conn_options=options) as stream:
        for frame in frames(text):
            stream.push_frame(frame)
        if not last:
            stream.end_input()
        async for event in stream:
            told.append(event)
            if event.type == last:
                break
    return told


async def streamed(synthesizer, text: str, options: APIConnectOptions = QUICK) -> bytes:
    """The sound of a text that is given word by word."""
    async with synthesizer.stream(conn_options=options) as stream:
        for word in text.split():
            stream.push_text(f"{word} ")
        stream.end_input()
        return b"".join([one.frame.data.tobytes() async for one in stream])


async def at_once(synthesizer, text: str, options: APIConnectOptions = QUICK) -> bytes:
    """The sound of a text that is given whole."""
    async with synthesizer.synthesize(text, conn_options=options) as stream:
        return b"".join([one.frame.data.tobytes() async for one in stream])
