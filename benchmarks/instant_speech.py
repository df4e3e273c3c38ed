"""Ears and a mouth that take no time, in the shape of LiveKit's plugins: what is left is the platform's own.

Speech is what is loud. It is over after 200 ms of quiet, its words are known at that moment, and words are
sound as soon as they come.
"""

import itertools
import time
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectOptions, stt, tts, vad
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr

from tests import speech
from tests.calls.in_process import Earpiece, Microphone

SPEECH, QUIET = 0.8, 0.2
"""Seconds that a caller speaks, and after which they have finished."""

LOUD = 1000
ANSWER = "There is nine o'clock."
ANSWER_SECONDS = 0.4


class Humming(Microphone):
    """A caller who hums a tone."""

    def hum(self) -> None:
        """For as long as SPEECH."""
        self._waiting += speech.tone(440, SPEECH, 16_000)

    @property
    def humming(self) -> bool:
        """Whether some of it is still to come."""
        return bool(self._waiting)


class Hearing:
    """Tells with each frame whether speech begins or ends."""

    def __init__(self) -> None:
        self.speaking = False
        self.quiet = 0.0

    def hear(self, frame: rtc.AudioFrame) -> str:
        """'began', 'ended' or nothing."""
        loud = bool(np.abs(np.frombuffer(frame.data, dtype=np.int16)).max(initial=0) > LOUD)
        self.quiet = 0.0 if loud else self.quiet + frame.duration
        if loud and not self.speaking:
            self.speaking = True
            return "began"
        if self.speaking and self.quiet >= QUIET - 0.001:
            self.speaking = False
            return "ended"
        return ""


class InstantVAD(vad.VAD):
    """Notes when it told the end of speech: `ended_at`, time.monotonic()."""

    def __init__(self) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=0.01))
        self.ended_at = 0.0

    def stream(self) -> "VADStream":
        """A stream of events."""
        return VADStream(self)


class VADStream(vad.VADStream):
    """One per session."""

    _vad: InstantVAD

    async def _main_task(self) -> None:
        hearing, samples, spoken, silent = Hearing(), 0, 0.0, 0.0
        async for frame in self._input_ch:
            if not isinstance(frame, rtc.AudioFrame):
                continue
            told = hearing.hear(frame)
            samples += frame.samples_per_channel
            spoken = spoken + frame.duration if hearing.speaking else 0.0
            silent = 0.0 if hearing.speaking else silent + frame.duration
            kinds = [vad.VADEventType.INFERENCE_DONE]
            if told == "began":
                kinds.insert(0, vad.VADEventType.START_OF_SPEECH)
            elif told == "ended":
                self._vad.ended_at = time.monotonic()
                kinds = [vad.VADEventType.END_OF_SPEECH]
                silent = QUIET
            for kind in kinds:
                self._event_ch.send_nowait(
                    vad.VADEvent(
                        type=kind,
                        samples_index=samples,
                        timestamp=time.time(),
                        speech_duration=spoken,
                        silence_duration=silent,
                        frames=[frame],
                        probability=float(hearing.speaking),
                        speaking=hearing.speaking,
                        raw_accumulated_speech=spoken,
                        raw_accumulated_silence=silent,
                    )
                )


class InstantSTT(stt.STT[Any]):
    """Knows what was hummed."""

    def __init__(self) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=False))

    async def _recognize_impl(self, *_: Any, **__: Any) -> stt.SpeechEvent:
        raise NotImplementedError

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,  # noqa: ARG002  LiveKit's shape
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> "STTStream":
        """A stream of words."""
        return STTStream(stt=self, conn_options=conn_options)


class STTStream(stt.RecognizeStream):
    """One per session."""

    async def _run(self) -> None:
        hearing, count = Hearing(), itertools.count(1)
        async for frame in self._input_ch:
            if isinstance(frame, rtc.AudioFrame) and hearing.hear(frame) == "ended":
                words = f"Is there anything free on the {next(count)}?"
                said = stt.SpeechData(language="en", text=words, confidence=1.0)
                final = stt.SpeechEventType.FINAL_TRANSCRIPT
                self._event_ch.send_nowait(stt.SpeechEvent(type=final, alternatives=[said]))


class InstantTTS(tts.TTS[Any]):
    """A tone for every piece of text."""

    def __init__(self) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=True), sample_rate=Earpiece.RATE, num_channels=1
        )

    def synthesize(self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> Any:
        """As a stream does."""
        return self._synthesize_with_stream(text, conn_options=conn_options)

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> "TTSStream":
        """A stream of sound."""
        return TTSStream(tts=self, conn_options=conn_options)


class TTSStream(tts.SynthesizeStream):
    """One per answer."""

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        sound = speech.tone(600, ANSWER_SECONDS, Earpiece.RATE)
        output_emitter.initialize(
            request_id="instant", sample_rate=Earpiece.RATE, num_channels=1, mime_type="audio/pcm",
            stream=True, frame_size_ms=20,
        )  # fmt: skip
        output_emitter.start_segment(segment_id="instant")
        async for text in self._input_ch:
            if isinstance(text, str) and text.strip():
                self._mark_started()
                output_emitter.push(sound)
                output_emitter.flush()
        output_emitter.end_segment()
