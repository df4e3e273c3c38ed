"""ElevenLabs on a port of its own: speech over its streams of several contexts and over HTTP, with voices."""

import base64
import json
from collections.abc import Iterable
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.standins.faults import Fault
from tests.standins.speech_vendor import CHUNK_SECONDS, SpeechVendor, messages, not_spoken, until_cut

VOICES = {"hpp4J3VqNfWAUOO0d1Us": "Bella", "21m00Tcm4TlvDq8ikWAM": "Rachel"}


class ElevenLabs(SpeechVendor):
    """The stand-in; `base_url` is what the plugin takes. `voices` are those it has, names by their ids."""

    voices = VOICES

    @property
    def base_url(self) -> str:
        """Its address up to the version."""
        return f"{self.url}/v1"

    def routes(self) -> Iterable[BaseRoute]:
        yield from super().routes()
        yield Route("/v1/voices", self._list)
        yield Route("/v1/text-to-speech/{voice}/stream", self._whole, methods=["POST"])
        yield WebSocketRoute("/v1/text-to-speech/{voice}/multi-stream-input", self._stream)

    def given_key(self, connection: HTTPConnection) -> str:
        return connection.headers.get("xi-api-key", "")

    def unauthorised(self) -> Response:
        detail = {"status": "invalid_api_key", "message": "Invalid API key"}
        return JSONResponse({"detail": detail}, status_code=401)

    async def _list(self, request: Request) -> Response:
        _, answer = await self.admit(request)
        known = [{"voice_id": id_, "name": name, "category": "premade"} for id_, name in self.voices.items()]
        return answer or JSONResponse({"voices": known})

    async def _whole(self, request: Request) -> Response:
        fault, answer = await self.admit(request)
        if answer:
            return answer
        if request.path_params["voice"] not in self.voices:
            detail = {"status": "voice_not_found", "message": "A voice with that id was not found."}
            return JSONResponse({"detail": detail}, status_code=404)
        form = request.query_params.get("output_format", "mp3_44100_128")
        if not form.startswith("pcm_"):
            return not_spoken(form)
        body = await request.json()
        sound = self.say(body["text"], int(form.removeprefix("pcm_")), fault, request)
        return StreamingResponse(until_cut(sound), media_type="audio/pcm")

    async def _stream(self, websocket: WebSocket) -> None:
        is_open, fault = await self.accept(websocket)
        if not is_open:
            return
        form = websocket.query_params.get("output_format", "mp3_44100_128")
        if websocket.path_params["voice"] not in self.voices or not form.startswith("pcm_"):
            await websocket.close(
                1008, "A voice with that id was not found, or the form of sound is not made here"
            )
            return
        try:
            await Contexts(self, websocket, int(form.removeprefix("pcm_")), fault).run()
        except WebSocketDisconnect:
            return


class Contexts:
    """One connection on which several texts are spoken, each in a context of its own."""

    def __init__(self, vendor: ElevenLabs, websocket: WebSocket, rate: int, fault: Fault | None) -> None:
        self._vendor, self._websocket, self._rate, self._fault = vendor, websocket, rate, fault
        self._texts: dict[str, str] = {}  # what is not spoken yet, by context

    async def run(self) -> None:
        """Until the client goes, or asks for the end."""
        async for message in messages(self._websocket):
            asked = json.loads(message["text"])
            context = asked.get("context_id", "default")
            self._texts[context] = self._texts.get(context, "") + asked.get("text", "")
            if asked.get("flush") or asked.get("close_context"):
                await self._speak(context)
            if asked.get("close_context"):
                del self._texts[context]
                await self._websocket.send_json({"isFinal": True, "contextId": context})
            if asked.get("close_socket"):
                await self._websocket.close()
                return

    async def _speak(self, context: str) -> None:
        text, self._texts[context] = self._texts[context].strip(), ""
        if not text:
            return
        first = True
        async for chunk in self._vendor.say(text, self._rate, self._fault, self._websocket):
            told: dict[str, Any] = {"audio": base64.b64encode(chunk).decode(), "contextId": context}
            # The times of letters come with the first sound, for all of the text.
            alignment = _alignment(f"{text} ") if first else None
            told |= {"alignment": alignment, "normalizedAlignment": alignment, "isFinal": False}
            await self._websocket.send_json(told)
            first = False


def _alignment(text: str) -> dict[str, Any]:
    step = int(CHUNK_SECONDS * 1000 * 0.7)
    return {
        "chars": list(text),
        "charStartTimesMs": [n * step for n in range(len(text))],
        "charDurationsMs": [step] * len(text),
    }
