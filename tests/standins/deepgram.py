"""Deepgram on a port of its own: transcripts of streams and files, and speech, in its own messages."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.standins.faults import Fault
from tests.standins.speech_vendor import SpeechVendor, from_wav, messages, not_spoken, until_cut, words
from tests.standins.voice_activity import VoiceActivity

IDLE_SECONDS = 10.0
"""Without sound or KeepAlive for so long a stream of transcripts is closed."""


class Deepgram(SpeechVendor):
    """The stand-in; `listen_url` and `speak_url` are what the plugins take as base_url."""

    @property
    def listen_url(self) -> str:
        """Where it transcribes."""
        return f"{self.url}/v1/listen"

    @property
    def speak_url(self) -> str:
        """Where it speaks."""
        return f"{self.url}/v1/speak"

    def routes(self) -> Iterable[BaseRoute]:
        yield from super().routes()
        yield WebSocketRoute("/v1/listen", self._listen)
        yield Route("/v1/listen", self._transcribe, methods=["POST"])
        yield WebSocketRoute("/v1/speak", self._speak)
        yield Route("/v1/speak", self._synthesize, methods=["POST"])

    def given_key(self, connection: HTTPConnection) -> str:
        return connection.headers.get("authorization", "").removeprefix("Token ")

    def unauthorised(self) -> Response:
        body = {"err_code": "INVALID_AUTH", "err_msg": "Invalid credentials.", "request_id": str(uuid4())}
        return JSONResponse(body, status_code=401)

    async def _listen(self, websocket: WebSocket) -> None:
        is_open, fault = await self.accept(websocket)
        if is_open:
            stream = Listening(self, websocket, fault)
            try:
                await stream.run()
            except TimeoutError:
                await websocket.close(
                    1011, "Deepgram did not receive audio data or a text message (NET-0001)"
                )
            except WebSocketDisconnect:
                pass

    async def _transcribe(self, request: Request) -> Response:
        fault, answer = await self.admit(request)
        if answer:
            return answer
        pcm, rate = from_wav(await request.body())
        text, seconds = await self.understand(pcm, rate), len(pcm) / (2 * rate)
        await self.strike(fault, request)
        channel = {"alternatives": [_alternative(text, 0.0, seconds)], "detected_language": "en"}
        metadata = {"request_id": str(uuid4()), "duration": seconds, "channels": 1}
        return JSONResponse({"metadata": metadata, "results": {"channels": [channel]}})

    async def _speak(self, websocket: WebSocket) -> None:
        is_open, fault = await self.accept(websocket)
        if not is_open:
            return
        rate, text, flushes = int(websocket.query_params.get("sample_rate", 24_000)), "", 0
        await websocket.send_json({"type": "Metadata", "request_id": str(uuid4())})
        try:
            async for message in messages(websocket):
                said = json.loads(message["text"])
                match said["type"]:
                    case "Speak":
                        text += said["text"]
                    case "Clear":
                        text = ""
                        await websocket.send_json({"type": "Cleared", "sequence_id": flushes})
                    case "Flush":
                        if text.strip():
                            async for chunk in self.say(text.strip(), rate, fault, websocket):
                                await websocket.send_bytes(chunk)
                        await websocket.send_json({"type": "Flushed", "sequence_id": flushes})
                        text, flushes = "", flushes + 1
                    case "Close":
                        await websocket.close()
                        return
        except WebSocketDisconnect:
            return

    async def _synthesize(self, request: Request) -> Response:
        fault, answer = await self.admit(request)
        asked = request.query_params
        if answer or asked.get("encoding", "linear16") != "linear16":
            return answer or not_spoken(asked["encoding"])
        body = await request.json()
        return StreamingResponse(
            until_cut(self.say(body["text"], int(asked.get("sample_rate", 24_000)), fault, request)),
            media_type="audio/l16",
        )


class Listening:
    """One stream that is transcribed."""

    def __init__(self, vendor: Deepgram, websocket: WebSocket, fault: Fault | None) -> None:
        asked = websocket.query_params
        self._vendor, self._websocket, self._fault = vendor, websocket, fault
        self._rate = int(asked.get("sample_rate", 16_000))
        self._interim = asked.get("interim_results") == "true"
        self._events = asked.get("vad_events") == "true"
        self._utterance_end = "utterance_end_ms" in asked
        endpointing = asked.get("endpointing", "10")
        self._voice = VoiceActivity(self._rate, silence_ms=int(endpointing) if endpointing.isdigit() else 10)
        self._request, self._bytes = str(uuid4()), 0

    async def run(self) -> None:
        """Until it is closed from either side. Raises TimeoutError where nothing comes."""
        async for message in messages(self._websocket, IDLE_SECONDS):
            if sound := message.get("bytes"):
                self._bytes += len(sound)
                for event in self._voice.feed(sound):
                    await (self._started() if event == "started" else self._ended())
            else:
                match json.loads(message["text"])["type"]:
                    case "Finalize":
                        await self._finish()
                    case "CloseStream":
                        await self._finish()
                        metadata = {"type": "Metadata", "request_id": self._request, "duration": self._now}
                        await self._websocket.send_json(metadata)
                        await self._websocket.close()
                        return

    @property
    def _now(self) -> float:
        """Seconds of sound so far."""
        return self._bytes / (2 * self._rate)

    async def _started(self) -> None:
        if self._events:
            began = {"type": "SpeechStarted", "channel": [0], "timestamp": round(self._now, 3)}
            await self._websocket.send_json(began)

    async def _finish(self) -> None:
        if self._voice.speaking:
            self._voice.end()
            await self._ended(from_finalize=True)

    async def _ended(self, *, from_finalize: bool = False) -> None:
        said = self._voice.said
        text, seconds = await self._vendor.understand(said, self._rate), len(said) / (2 * self._rate)
        begun = self._now - seconds
        if self._interim and text:
            half = " ".join(text.split()[: max(1, len(text.split()) // 2)])
            await self._result(half, begun, seconds / 2, final=False)
        await self._vendor.strike(self._fault, self._websocket)
        await self._result(text, begun, seconds, final=True, from_finalize=from_finalize)
        if self._utterance_end:
            ended = {"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": round(self._now, 3)}
            await self._websocket.send_json(ended)

    async def _result(
        self, text: str, begun: float, seconds: float, *, final: bool, from_finalize: bool = False
    ) -> None:
        await self._websocket.send_json(
            {
                "type": "Results",
                "channel_index": [0, 1],
                "start": round(begun, 3),
                "duration": round(seconds, 3),
                "is_final": final,
                "speech_final": final,
                "from_finalize": from_finalize,
                "channel": {"alternatives": [_alternative(text, begun, seconds)]},
                "metadata": {"request_id": self._request, "model_info": {"name": "stand-in"}},
            }
        )


def _alternative(text: str, begun: float, seconds: float) -> dict[str, Any]:
    found = [
        one | {"confidence": 0.99, "punctuated_word": one["word"]} for one in words(text, seconds, begun)
    ]
    return {"transcript": text, "confidence": 0.99 if text else 0.0, "words": found}
