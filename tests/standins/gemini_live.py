"""The Gemini API with its Live sessions on a port of its own: speaks, hears and calls tools by a script.

    python -m tests.standins.gemini_live --script scenes.json [--port 8182] [--key K]

prints the settings that lead Google's client to it, and serves until it is stopped. That client opens Live
sessions over TLS alone, so the stand-in has a certificate, which `SSL_CERT_FILE` makes its clients trust.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from tests import hearing, speech
from tests.standins import certificate
from tests.standins.gemini import GeminiServer
from tests.standins.live_script import Cue, Refuse, Script, Step, read_parts, read_script
from tests.standins.live_session import OUT_RATE, LiveSession
from tests.standins.live_wire import told

MODELS = (
    "gemini-3.8-live",
    "gemini-3.8-live-extended-thinking",
    "gemini-3.1-flash-live-preview",
    "gemini-2.5-flash-native-audio-preview-12-2025",
)


class Noted(msgspec.Struct, kw_only=True, frozen=True):
    """Something that came in, went out, or that the stand-in found by itself (`own`)."""

    at: float  # time.monotonic()
    session: int
    way: str  # in, out, own
    kind: str  # the message's name in Google's JSON; own: opened, speech_started, speech_ended, closed, ended
    body: Any = None  # of audio its length in base64 alone


class GeminiLive(GeminiServer):
    """The stand-in. Texts are asked of it as of GeminiServer; what is said by voice follows `scenes`.

    `thinking` is the seconds before it answers, `speed` how many times faster than speech its sound comes (0:
    at once), `playing` the part of the time a client needs to play it that passes before a turn is over.
    """

    ws = "auto"

    def __init__(
        self, key: str = "test-key", *, thinking: float = 0.3, speed: float = 4.0, playing: float = 1.0
    ) -> None:
        super().__init__(key)
        self.thinking, self.speed, self.playing = thinking, speed, playing
        self.models = MODELS
        self.live = Script()
        self.log: list[Noted] = []
        self.complaints: list[str] = []  # what a client did that the vendor would not understand
        self.sessions: list[LiveSession] = []
        self.handles: dict[str, tuple[list[Any], dict[str, Any]]] = {}
        self._folder = tempfile.TemporaryDirectory()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.tls = certificate.write(Path(self._folder.name))

    @property
    def settings(self) -> dict[str, str]:
        """The environment variables that lead Google's client to it, for words and for voice."""
        place = {"GOOGLE_GEMINI_BASE_URL": self.url, "SSL_CERT_FILE": str(self.tls[0])}
        return {**place, "GEMINI_API_KEY": self.key}

    def routes(self) -> Iterable[BaseRoute]:
        service = "/ws/google.ai.generativelanguage.{version}.GenerativeService.BidiGenerateContent"
        yield WebSocketRoute(service, self._connected)
        yield Route("/_control/scenes", self._take_scenes, methods=["POST"])
        yield Route("/_control/now", self._take_steps, methods=["POST"])
        yield Route("/_control/log", self._tell_log)
        yield from super().routes()

    def scenes(self, *parts: Cue | Step) -> None:
        """More scenes for voice; what can be spoken and heard is prepared at once."""
        self.live.add(*parts)
        for text, voice in self.live.sentences():
            hearing.which(b"", OUT_RATE, [(text, voice)])
        for text, voice in self.live.spoken():
            speech.pcm_or_tone(text, OUT_RATE, voice)

    def now(self, *steps: Step) -> None:
        """Do the steps at once in every session that is open; from any thread."""
        if self._loop:
            self._loop.call_soon_threadsafe(self._play, list(steps))

    def reset(self) -> None:
        """Forget scenes and what was noted; sessions that are open stay."""
        super().reset()
        self.live = Script()
        self.log.clear()
        self.complaints.clear()

    def note(self, session: int, way: str, kind: str, body: Any = None) -> None:
        """Remember what happened, and when."""
        self.log.append(
            Noted(at=time.monotonic(), session=session, way=way, kind=kind, body=told(kind, body))
        )

    def noted(self, way: str, kind: str, part: str = "") -> list[Noted]:
        """What of a kind came in, went out or was found; only what has `part` in it, where that is named."""
        return [
            one
            for one in list(self.log)
            if (one.way, one.kind) == (way, kind) and (not part or part in (one.body or {}))
        ]

    async def wait(
        self, way: str, kind: str, part: str = "", *, count: int = 1, seconds: float = 10.0
    ) -> list[Noted]:
        """The same, once there are `count`. Raises TimeoutError with what was noted instead."""
        deadline = time.monotonic() + seconds
        while len(found := self.noted(way, kind, part)) < count:
            if time.monotonic() > deadline:
                kinds = [f"{one.way} {one.kind}" for one in self.log if "audio" not in (one.body or {})]
                raise TimeoutError(
                    f"{len(found)} of {count} {way} {kind} {part} in {seconds} s; noted: {kinds}"
                )
            await asyncio.sleep(0.01)
        return found

    def keep(self, session: LiveSession) -> str:
        """A handle by which a session can be resumed with all it knows."""
        handle = f"handle-{len(self.handles) + 1}"
        self.handles[handle] = (list(session.memory), dict(session.results))
        return handle

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self._folder.cleanup()

    async def _connected(self, websocket: WebSocket) -> None:
        self._loop = asyncio.get_running_loop()
        opened = self.live.opened()
        session = LiveSession(self, websocket, len(self.sessions) + 1)
        self.sessions.append(session)
        self.note(session.number, "own", "opened")
        if opened and isinstance(opened[0], Refuse):
            await websocket.send_denial_response(Response(status_code=opened[0].status))
            return
        await websocket.accept()
        await session.run(opened)

    def _play(self, steps: list[Step]) -> None:
        for session in self.sessions:
            if session.open:
                session.play(steps)

    async def _take_scenes(self, request: Request) -> Response:
        parts = read_parts(await request.body())
        await asyncio.to_thread(self.scenes, *parts)
        return JSONResponse({"scenes": len(self.live.scenes)})

    async def _take_steps(self, request: Request) -> Response:
        self._play([part for part in read_parts(await request.body()) if isinstance(part, Step)])
        return JSONResponse({"sessions": sum(session.open for session in self.sessions)})

    async def _tell_log(self, _: Request) -> Response:
        body = msgspec.json.encode({"log": self.log, "complaints": self.complaints})
        return Response(body, media_type="application/json")


def main() -> int:
    """Serve from the command line until stopped."""
    parser = argparse.ArgumentParser(description="A stand-in for the Gemini API with Live sessions.")
    parser.add_argument("--script", type=Path, help="a JSON list of cues and steps")
    parser.add_argument("--port", type=int, default=0, help="a free one where it is left out")
    parser.add_argument("--key", default="test-key", help="the key it accepts")
    parser.add_argument("--thinking", type=float, default=0.3, help="seconds before it answers")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = GeminiLive(asked.key, thinking=asked.thinking)
    server.port = asked.port
    if asked.script:
        server.scenes(*read_script(asked.script))
    with server:
        try:
            print(*(f"{name}={value}" for name, value in server.settings.items()), sep="\n", flush=True)  # noqa: T201
            signal.pause()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
