"""Google's Speech-to-Text and Text-to-Speech on a port of their own: gRPC, without TLS.

LiveKit's plugin names Google's address itself, so a test hands it a client whose channel leads here.
Transcripts are those of version 2, which the plugin asks of Google's newer models (chirp_2, chirp_3).
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Self

import grpc
from google.cloud import speech_v2, texttospeech_v1

from tests import hearing, speech
from tests.standins.faults import Fault, Faults
from tests.standins.voice_activity import VoiceActivity

CODES = {
    401: grpc.StatusCode.UNAUTHENTICATED,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    500: grpc.StatusCode.INTERNAL,
    503: grpc.StatusCode.UNAVAILABLE,
}
CHUNK_SECONDS = 0.1
_Event = speech_v2.StreamingRecognizeResponse.SpeechEventType


class GoogleSpeech:
    """The stand-in, as a context; `address` is its host and port.

    `faults` are those of tests/standins/faults.py by the method's name: `status` and `refuse` strike at once,
    `hang` and `drop` in the middle of the first answer.
    """

    def __init__(self) -> None:
        self.faults = Faults()
        self.knows: list[tuple[str, str]] = []
        self.heard: list[str] = []
        self.spoken: list[str] = []
        self.configured: list[Any] = []  # what each stream of sound was asked with
        self.address = ""

    def know(self, *sentences: str, voice: str = "en") -> None:
        """More sentences to recognise."""
        self.knows += [(text, voice) for text in sentences]

    def __enter__(self) -> Self:
        self._server = grpc.server(ThreadPoolExecutor(8))
        stt, tts = speech_v2, texttospeech_v1
        hear = _streams(self._recognize, stt.StreamingRecognizeRequest, stt.StreamingRecognizeResponse)
        speak = _streams(self._stream, tts.StreamingSynthesizeRequest, tts.StreamingSynthesizeResponse)
        whole = grpc.unary_unary_rpc_method_handler(
            self._synthesize,
            request_deserializer=tts.SynthesizeSpeechRequest.deserialize,
            response_serializer=tts.SynthesizeSpeechResponse.serialize,
        )
        for service, methods in {
            "google.cloud.speech.v2.Speech": {"StreamingRecognize": hear},
            "google.cloud.texttospeech.v1.TextToSpeech": {
                "StreamingSynthesize": speak,
                "SynthesizeSpeech": whole,
            },
        }.items():
            handler = grpc.method_handlers_generic_handler(service, methods)
            self._server.add_generic_rpc_handlers([handler])
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(0.1).wait()

    def _recognize(
        self, requests: Iterator[speech_v2.StreamingRecognizeRequest], context: grpc.ServicerContext
    ) -> Iterator[speech_v2.StreamingRecognizeResponse]:
        fault = self._begun("StreamingRecognize", context)
        asked = next(requests).streaming_config
        self.configured.append(asked)
        rate, sound = asked.config.explicit_decoding_config.sample_rate_hertz, 0
        voice = VoiceActivity(rate)
        for request in requests:
            sound += len(request.audio)
            for event in voice.feed(request.audio):
                offset = timedelta(seconds=sound / (2 * rate))
                if event == "started":
                    yield _activity(_Event.SPEECH_ACTIVITY_BEGIN, offset)
                    continue
                text = hearing.which(voice.said, rate, self.knows) or ""
                self.heard.append(text)
                yield _activity(_Event.SPEECH_ACTIVITY_END, offset)
                if text:
                    yield _result(text.split()[0], offset, final=False)
                    self._strike(fault, context)
                    yield _result(text, offset, final=True)

    def _stream(
        self, requests: Iterator[texttospeech_v1.StreamingSynthesizeRequest], context: grpc.ServicerContext
    ) -> Iterator[texttospeech_v1.StreamingSynthesizeResponse]:
        fault = self._begun("StreamingSynthesize", context)
        rate = next(requests).streaming_config.streaming_audio_config.sample_rate_hertz
        size = int(rate * CHUNK_SECONDS) * 2
        for request in requests:
            pcm = self._said(request.input.text or request.input.markup, rate)
            for at in range(0, len(pcm), size):
                yield texttospeech_v1.StreamingSynthesizeResponse(audio_content=pcm[at : at + size])
                self._strike(fault, context)

    def _synthesize(
        self, request: texttospeech_v1.SynthesizeSpeechRequest, context: grpc.ServicerContext
    ) -> texttospeech_v1.SynthesizeSpeechResponse:
        fault = self._begun("SynthesizeSpeech", context)
        pcm = self._said(request.input.text, request.audio_config.sample_rate_hertz)
        self._strike(fault, context)
        return texttospeech_v1.SynthesizeSpeechResponse(audio_content=pcm)

    def _said(self, text: str, rate: int) -> bytes:
        self.spoken.append(text)
        return speech.pcm_or_tone(text.strip(), rate)

    def _begun(self, method: str, context: grpc.ServicerContext) -> Fault | None:
        fault = self.faults.next(method)
        if fault and fault.kind == "delay":
            time.sleep(fault.seconds)
        if fault and fault.kind in ("status", "refuse"):
            code = CODES[fault.status] if fault.kind == "status" else grpc.StatusCode.UNAVAILABLE
            context.abort(code, "scripted")
        return fault

    def _strike(self, fault: Fault | None, context: grpc.ServicerContext) -> None:
        if fault and fault.kind == "hang" and fault.seconds:
            seconds, fault.seconds = fault.seconds, 0.0  # once
            time.sleep(seconds)
        if fault and fault.kind == "drop":
            context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")


def _streams(work: Callable[..., Any], request: Any, response: Any) -> grpc.RpcMethodHandler:
    return grpc.stream_stream_rpc_method_handler(
        work, request_deserializer=request.deserialize, response_serializer=response.serialize
    )


def _activity(event: Any, offset: timedelta) -> speech_v2.StreamingRecognizeResponse:
    return speech_v2.StreamingRecognizeResponse(speech_event_type=event, speech_event_offset=offset)


def _result(text: str, offset: timedelta, *, final: bool) -> speech_v2.StreamingRecognizeResponse:
    words = [speech_v2.WordInfo(word=word, end_offset=offset, confidence=0.95) for word in text.split()]
    said = speech_v2.SpeechRecognitionAlternative(transcript=text, confidence=0.95, words=words)
    result = speech_v2.StreamingRecognitionResult(
        alternatives=[said], is_final=final, language_code="en-US", result_end_offset=offset
    )
    return speech_v2.StreamingRecognizeResponse(results=[result])
