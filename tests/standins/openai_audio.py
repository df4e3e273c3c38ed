"""OpenAI's speech on a port of its own: transcripts of files and of realtime streams, and speech as PCM."""

import base64
import itertools
import json
from collections.abc import AsyncIterator, Iterable
from email import message_from_bytes
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.standins.faults import Fault
from tests.standins.speech_vendor import SpeechVendor, from_wav, messages, not_spoken, until_cut
from tests.standins.voice_activity import VoiceActivity

RATE = 24_000


class OpenAIAudio(SpeechVendor):
    """The stand-in; `base_url` is what the plugins take."""

    @property
    def base_url(self) -> str:
        """Its address up to the version."""
        return f"{self.url}/v1"

    def routes(self) -> Iterable[BaseRoute]:
        yield from super().routes()
        yield Route("/v1/audio/transcriptions", self._transcribe, methods=["POST"])
        yield Route("/v1/audio/speech", self._speak, methods=["POST"])
        yield WebSocketRoute("/v1/realtime", self._realtime)

    def given_key(self, connection: HTTPConnection) -> str:
        return connection.headers.get("authorization", "").removeprefix("Bearer ")

    def unauthorised(self) -> Response:
        error = {"message": "Incorrect API key provided.", "type": "invalid_request_error"}
        return JSONResponse({"error": error | {"param": None, "code": "invalid_api_key"}}, status_code=401)

    async def _transcribe(self, request: Request) -> Response:
        fault, answer = await self.admit(request)
        if answer:
            return answer
        form = _form(request.headers["content-type"], await request.body())
        text = await self.understand(*from_wav(form["file"]))
        await self.strike(fault, request)
        return JSONResponse({"text": text, "usage": {"type": "duration", "seconds": 1}})

    async def _speak(self, request: Request) -> Response:
        fault, answer = await self.admit(request)
        body = await request.json()
        form = body.get("response_format", "mp3")
        if answer or form != "pcm":
            return answer or not_spoken(form)
        sound = self.say(body["input"], RATE, fault, request)
        if body.get("stream_format") == "sse":
            return StreamingResponse(_events(sound, body["input"]), media_type="text/event-stream")
        return StreamingResponse(until_cut(sound), media_type="audio/pcm")

    async def _realtime(self, websocket: WebSocket) -> None:
        is_open, fault = await self.accept(websocket)
        if is_open:
            try:
                await Realtime(self, websocket, fault).run()
            except WebSocketDisconnect:
                return


class Realtime:
    """One session that transcribes what is appended to its buffer."""

    def __init__(self, vendor: OpenAIAudio, websocket: WebSocket, fault: Fault | None) -> None:
        self._vendor, self._websocket, self._fault = vendor, websocket, fault
        self._voice = VoiceActivity(RATE)
        self._items = itertools.count(1)
        self._item, self._bytes = "item_1", 0

    async def run(self) -> None:
        """Until the client goes."""
        await self._tell("session.created", session={"type": "transcription"})
        async for message in messages(self._websocket):
            asked = json.loads(message["text"])
            match asked["type"]:
                case "session.update":
                    self._configure(asked["session"].get("audio", {}).get("input", {}))
                    await self._tell("session.updated", session=asked["session"])
                case "input_audio_buffer.append":
                    sound = base64.b64decode(asked["audio"])
                    self._bytes += len(sound)
                    for event in self._voice.feed(sound):
                        await (self._started() if event == "started" else self._stopped())
                case "input_audio_buffer.commit":
                    self._voice.end()
                    await self._understood()
                case kind:
                    error = {"type": "invalid_request_error", "message": f"Invalid value: '{kind}'."}
                    await self._tell("error", error=error)

    def _configure(self, given: dict[str, Any]) -> None:
        detection = given.get("turn_detection")
        # Without detection by the server a sentence is what lies before each commit.
        self._voice.automatic = detection is not None
        if detection is None:
            self._voice.begin()
        else:
            self._voice.silence_ms = detection.get("silence_duration_ms", self._voice.silence_ms)

    @property
    def _ms(self) -> int:
        """Milliseconds of sound so far."""
        return self._bytes * 1000 // (2 * RATE)

    async def _started(self) -> None:
        self._item = f"item_{next(self._items)}"
        await self._tell("input_audio_buffer.speech_started", item_id=self._item, audio_start_ms=self._ms)

    async def _stopped(self) -> None:
        await self._tell("input_audio_buffer.speech_stopped", item_id=self._item, audio_end_ms=self._ms)
        await self._understood()

    async def _understood(self) -> None:
        text = await self._vendor.understand(self._voice.said, RATE)
        if not self._voice.automatic:
            self._voice.begin()
        item = {"item_id": self._item, "content_index": 0}
        await self._tell("input_audio_buffer.committed", **item)
        spoken = "conversation.item.input_audio_transcription"
        for number, word in enumerate(text.split()):
            await self._tell(f"{spoken}.delta", **item, delta=f" {word}" if number else word)
            await self._vendor.strike(self._fault, self._websocket)
        usage = {"type": "tokens", "input_tokens": 10, "output_tokens": len(text.split()), "total_tokens": 20}
        await self._tell(f"{spoken}.completed", **item, transcript=text, usage=usage)

    async def _tell(self, kind: str, **fields: Any) -> None:
        await self._websocket.send_json({"type": kind, "event_id": f"event_{id(fields)}", **fields})


def _form(content_type: str, body: bytes) -> dict[str, bytes]:
    """The fields of a multipart form."""
    whole = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    return {
        str(part.get_param("name", header="content-disposition")): bytes(part.get_payload(decode=True) or b"")
        for part in whole.get_payload()
    }


async def _events(sound: AsyncIterator[bytes], text: str) -> AsyncIterator[str]:
    async for chunk in until_cut(sound):
        delta = {"type": "speech.audio.delta", "audio": base64.b64encode(chunk).decode()}
        yield f"data: {json.dumps(delta)}\n\n"
    usage = {"input_tokens": len(text.split()), "output_tokens": 50, "total_tokens": 50 + len(text.split())}
    yield f"data: {json.dumps({'type': 'speech.audio.done', 'usage': usage})}\n\n"
