"""What stand-ins for vendors of speech share: they know sentences by sound, speak, and fail when told."""

import asyncio
import contextlib
import io
import time
import wave
from collections.abc import AsyncIterator, Iterable
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests import hearing, speech
from tests.standins.faults import Fault, Faults, before, control
from tests.standins.serving import cut
from tests.standins.vendor_server import VendorServer

CHUNK_SECONDS = 0.1


class SpeechVendor(VendorServer):
    """A vendor. `knows` are the sentences it knows, each with its voice; it speaks `speed` times as fast.

    `faults` are those of tests/standins/faults.py, also by POST and DELETE of /_control/faults. On a stream
    `status` and `refuse` strike when it is opened, `drop` and `hang` in the middle of the first answer.
    """

    ws = "auto"

    def __init__(self, key: str = "test-key", *, speed: float = 10.0) -> None:
        super().__init__(key)
        self.speed = speed
        self.faults = Faults()
        self.knows: list[tuple[str, str]] = []
        self.heard: list[str] = []  # sentences that were recognised
        self.spoken: list[str] = []  # texts that were asked to be said
        self.opened: list[dict[str, str]] = []  # what each stream and request was asked with

    def routes(self) -> Iterable[BaseRoute]:
        yield Route("/_control/faults", self._faults, methods=["POST", "DELETE"])

    def know(self, *sentences: str, voice: str = "en") -> None:
        """More sentences to recognise."""
        self.knows += [(text, voice) for text in sentences]

    def given_key(self, connection: HTTPConnection) -> str:
        """The key a caller shows."""
        raise NotImplementedError

    def unauthorised(self) -> Response:
        """The vendor's own refusal of a wrong key."""
        raise NotImplementedError

    async def admit(self, request: Request) -> tuple[Fault | None, Response | None]:
        """The fault that strikes a request, and the answer where it ends there."""
        self.opened.append(dict(request.query_params))
        fault = self.faults.next(request.url.path)
        if trouble := await before(fault, request):
            return fault, trouble
        return fault, None if self.given_key(request) == self.key else self.unauthorised()

    async def accept(self, websocket: WebSocket) -> tuple[bool, Fault | None]:
        """Whether a stream is open now, and the fault that strikes within it."""
        self.opened.append(dict(websocket.query_params))
        fault = self.faults.next(websocket.url.path)
        if fault and fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind == "refuse":
            cut(websocket)
            return False, None
        refusal = Response(status_code=fault.status) if fault and fault.kind == "status" else None
        if self.given_key(websocket) != self.key:
            refusal = self.unauthorised()
        if refusal:
            await websocket.send_denial_response(refusal)
            return False, None
        await websocket.accept()
        return True, fault

    async def understand(self, pcm: bytes, rate: int) -> str:
        """The sentence that was said; nothing where it is none that it knows."""
        text = await asyncio.to_thread(hearing.which, pcm, rate, self.knows) or ""
        self.heard.append(text)
        return text

    async def say(
        self, text: str, rate: int, fault: Fault | None = None, line: HTTPConnection | None = None
    ) -> AsyncIterator[bytes]:
        """The text as sound, chunk by chunk; a fault strikes after the first one."""
        self.spoken.append(text)
        pcm = await asyncio.to_thread(speech.pcm_or_tone, text, rate)
        size, begun = int(rate * CHUNK_SECONDS) * 2, time.monotonic()
        for number, at in enumerate(range(0, len(pcm), size)):
            yield pcm[at : at + size]
            if line:
                await self.strike(fault, line)
            due = begun + (number + 1) * CHUNK_SECONDS / self.speed
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def strike(self, fault: Fault | None, line: HTTPConnection) -> None:
        """The trouble in the middle of a stream: it breaks, or nothing comes for a while."""
        if fault and fault.kind == "hang" and fault.seconds:
            seconds, fault.seconds = fault.seconds, 0.0  # once
            await asyncio.sleep(seconds)
        if fault and fault.kind == "drop":
            cut(line)
            raise WebSocketDisconnect(1006)

    async def _faults(self, request: Request) -> Response:
        return await control(request, self.faults)


async def messages(websocket: WebSocket, seconds: float | None = None) -> AsyncIterator[dict[str, Any]]:
    """What comes, until the client goes. Raises TimeoutError where nothing comes for so many seconds."""
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            message = await asyncio.wait_for(websocket.receive(), seconds)
            if message["type"] != "websocket.receive":
                return
            yield dict(message)


async def until_cut(sound: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The sound, which ends where its line was cut."""
    try:
        async for chunk in sound:
            yield chunk
    except WebSocketDisconnect:
        return


def words(text: str, seconds: float, begun: float = 0.0) -> list[dict[str, Any]]:
    """The words of a sentence with the times at which they were said, about."""
    each = text.split()
    step = seconds / max(1, len(each))
    return [
        {"word": word, "start": round(begun + n * step, 3), "end": round(begun + (n + 1) * step, 3)}
        for n, word in enumerate(each)
    ]


def from_wav(file: bytes) -> tuple[bytes, int]:
    """The samples of a WAV and their rate."""
    with wave.open(io.BytesIO(file)) as read:
        return read.readframes(read.getnframes()), read.getframerate()


def not_spoken(form: str) -> Response:
    """The refusal of a form of sound that stand-ins do not make."""
    return JSONResponse({"error": {"message": f"{form}: this stand-in makes PCM alone"}}, status_code=400)
