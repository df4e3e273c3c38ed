"""One connection to the Gemini Live stand-in: what it hears, remembers, answers, and how it breaks."""

import asyncio
import base64
import contextlib
import itertools
import json
import time
from typing import TYPE_CHECKING, Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from tests import hearing, speech
from tests.standins import live_script as script
from tests.standins.live_wire import camel, content, reply_of, sound, text_of, transcript, usage
from tests.standins.serving import cut
from tests.standins.voice_activity import VoiceActivity

if TYPE_CHECKING:
    from tests.standins.gemini_live import GeminiLive

IN_RATE, OUT_RATE = 16_000, 24_000
CHUNK_SECONDS = 0.04


class Ended(Exception):
    """The stand-in itself closed or broke the connection."""


class LiveSession:
    """A conversation on one connection: `memory` is what the model knows, `results` what tools answered."""

    def __init__(self, server: "GeminiLive", websocket: WebSocket, number: int) -> None:
        self.number = number
        self.setup: dict[str, Any] = {}
        self.memory: list[dict[str, Any]] = []
        self.results: dict[str, Any] = {}
        self.open = True
        self._server, self._websocket = server, websocket
        self._voice = VoiceActivity()
        self._withheld = self._speaking = False
        self._understood = ""  # what the caller said last
        self._waiting: dict[str, tuple[str, asyncio.Future[Any]]] = {}  # calls by id
        self._turn: asyncio.Task[None] | None = None
        self._beside: set[asyncio.Task[None]] = set()
        self._calls = itertools.count(1)

    async def run(self, opened: list[script.Step]) -> None:
        """From the connection's beginning to its end."""
        try:
            await self._set_up(opened)
            while True:
                await self._take(await self._receive())
        except (WebSocketDisconnect, Ended):
            pass
        except Exception as error:
            self._server.complaints.append(repr(error))
            raise
        finally:
            self.open = False
            self._note("own", "ended")
            for task in (self._turn, *self._beside):
                if task:
                    task.cancel()

    def play(self, steps: list[script.Step]) -> None:
        """Do these at once, beside whatever goes on; what is said takes the place of what was."""
        if any(isinstance(step, script.Says | script.ToolCall) for step in steps):
            self._answer(steps, thinking=0)
        else:
            task = asyncio.create_task(self._guarded(self._perform(steps)))
            self._beside.add(task)
            task.add_done_callback(self._beside.discard)

    async def _receive(self) -> dict[str, Any]:
        message = await self._websocket.receive()
        if message["type"] != "websocket.receive":
            raise WebSocketDisconnect(message.get("code", 1006))
        read: dict[str, Any] = camel(json.loads(message.get("text") or message["bytes"]))
        return read

    async def _set_up(self, opened: list[script.Step]) -> None:
        first = await self._receive()
        self._note("in", "setup", first)
        if "setup" not in first:
            await self._close(1007, "Request contains an invalid argument.")
        self.setup = first["setup"]
        await self._perform(opened)
        if self._server.key != self._websocket.headers.get("x-goog-api-key"):
            await self._close(1007, "API key not valid. Please pass a valid API key.")
        if (model := self.setup.get("model", "")).removeprefix("models/") not in self._server.models:
            await self._close(1008, f"{model} is not found, or is not supported for bidiGenerateContent.")
        await self._resume()
        await self._send({"setupComplete": {"sessionId": f"session-{self.number}"}})
        if steps := self._server.live.ready():
            self.play(steps)
        detection = self.setup.get("realtimeInputConfig", {}).get("automaticActivityDetection", {})
        self._voice.automatic = not detection.get("disabled", False)
        self._voice.prefix_ms = detection.get("prefixPaddingMs", self._voice.prefix_ms)
        self._voice.silence_ms = detection.get("silenceDurationMs", self._voice.silence_ms)

    async def _resume(self) -> None:
        if handle := self.setup.get("sessionResumption", {}).get("handle"):
            if handle not in self._server.handles:
                await self._close(1008, "BidiGenerateContent session not found")
            memory, results = self._server.handles[handle]
            self.memory, self.results = list(memory), dict(results)

    async def _take(self, message: dict[str, Any]) -> None:
        (kind, body), *more = message.items()
        self._note("in", kind, body)
        if self._withheld:
            return
        if more:
            await self._close(1007, "Request contains an invalid argument.")
        match kind:
            case "realtimeInput":
                await self._hear(body)
            case "clientContent":
                await self._read(body)
            case "toolResponse":
                self._answered(body)
            case _:
                await self._close(1007, f'Invalid JSON payload received. Unknown name "{kind}"')

    async def _hear(self, body: dict[str, Any]) -> None:
        if audio := body.get("audio"):
            events = self._voice.feed(sound(audio))
            for event in events:
                await (self._began() if event == "started" else self._understand())
        elif "activityStart" in body:
            self._voice.begin()
            await self._began()
        elif "activityEnd" in body or (body.get("audioStreamEnd") and self._voice.speaking):
            self._voice.end()
            await self._understand()
        elif words := body.get("text"):
            self._asked(words)

    async def _began(self) -> None:
        self._note("own", "speech_started")
        handling = self.setup.get("realtimeInputConfig", {}).get("activityHandling")
        if handling != "NO_INTERRUPTION":
            await self._interrupt()

    async def _understand(self) -> None:
        """The caller has ended a sentence: say which one it was, and answer it."""
        said = self._voice.said
        sentences = self._server.live.sentences()
        text = await asyncio.to_thread(hearing.which, said, IN_RATE, sentences)
        self._note("own", "speech_ended", {"text": text, "ms": len(said) * 1000 // (2 * IN_RATE)})
        self.memory.append(content("user", text or "(not understood)"))
        fallback = f"You said: {text}." if text else "I did not catch that."
        steps = self._server.live.heard(text) or [script.Says(fallback)]
        self._understood = text or "(not understood)"
        if not any(isinstance(step, script.Transcribes) for step in steps):
            await self._transcribe()
        self._answer(steps)

    async def _transcribe(self) -> None:
        if "inputAudioTranscription" in self.setup:
            for piece in transcript(self._understood):
                await self._say({"inputTranscription": {"text": piece}})

    async def _read(self, body: dict[str, Any]) -> None:
        turns = body.get("turns") or []
        if any(turn.get("role") not in ("user", "model") or not turn.get("parts") for turn in turns):
            await self._close(1007, "Request contains an invalid argument.")
        self.memory += turns
        if body.get("turnComplete"):
            await self._interrupt()
            self._asked(text_of(turns))

    def _asked(self, words: str) -> None:
        self._answer(self._server.live.asked(words) or [script.Says("Hello, how can I help you?")])

    def _answered(self, body: dict[str, Any]) -> None:
        for one in body.get("functionResponses", []):
            name, waiting = self._waiting.pop(one.get("id", ""), ("", None))
            if waiting is None:
                self._server.complaints.append(f"an answer for {one.get('id')!r}, which no call waits for")
                continue
            self.results[name] = one.get("response")
            self.memory.append({"role": "user", "parts": [{"functionResponse": one}]})
            if not waiting.done():
                waiting.set_result(one)

    def _answer(self, steps: list[script.Step], thinking: float | None = None) -> None:
        if self._turn:
            self._turn.cancel()
        self._turn = asyncio.create_task(self._guarded(self._whole_turn(steps, thinking)))

    async def _guarded(self, work: Any) -> None:
        # What is sent into a connection that ended meanwhile is lost, as on any network.
        with contextlib.suppress(Ended, WebSocketDisconnect, RuntimeError):
            await work

    async def _whole_turn(self, steps: list[script.Step], thinking: float | None) -> None:
        await asyncio.sleep(self._server.thinking if thinking is None else thinking)
        if "sessionResumption" in self.setup:
            await self._send({"sessionResumptionUpdate": {"resumable": False}})
        self._speaking = True
        begun = time.monotonic()
        seconds = await self._perform(steps)
        await self._say({"generationComplete": True})
        # The turn is told to be over when the client should have played it all.
        await asyncio.sleep(max(0.0, seconds - (time.monotonic() - begun)) * self._server.playing)
        await self._turn_over()

    async def _turn_over(self) -> None:
        self._speaking = False
        await self._send({"serverContent": {"turnComplete": True}, "usageMetadata": usage(self.memory)})
        if "sessionResumption" in self.setup:
            handle = self._server.keep(self)
            await self._send({"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}})

    async def _interrupt(self) -> None:
        """Stop what is being said and give up calls that wait, as the caller speaks."""
        if not self._turn or self._turn.done():
            return
        self._turn.cancel()
        if self._waiting:
            await self._send({"toolCallCancellation": {"ids": list(self._waiting)}})
            self._waiting.clear()
        if self._speaking:
            await self._say({"interrupted": True})
            await self._turn_over()

    async def _perform(self, steps: list[script.Step]) -> float:
        """Do the steps one after the other; the seconds of speech in them."""
        seconds = 0.0
        for step in steps:
            match step:
                case script.After():
                    await asyncio.sleep(step.ms / 1000)
                case script.Says():
                    seconds += await self._speak(step)
                case script.ToolCall():
                    await self._call(step)
                case script.Transcribes():
                    await self._transcribe()
                case script.GoAway():
                    await self._send({"goAway": {"timeLeft": f"{step.seconds:g}s"}})
                    await asyncio.sleep(step.seconds)
                    await self._close(step.code, "The session was ended")
                case script.Close():
                    await self._close(step.code, step.reason or reply_of(step.code))
                case _:
                    await self._misbehave(step)
        return seconds

    async def _misbehave(self, step: script.Step) -> None:
        match step:
            case script.Drop():
                self.open = False
                cut(self._websocket)
                raise Ended
            case script.Withhold():
                self._withheld = True
            case script.Interrupt():
                await self._interrupt()

    async def _speak(self, step: script.Says) -> float:
        words = str(script.resolved(step.text, self.results))
        pcm = await asyncio.to_thread(speech.pcm_or_tone, words, OUT_RATE, step.voice)
        size = int(OUT_RATE * CHUNK_SECONDS) * 2
        chunks = [pcm[at : at + size] for at in range(0, len(pcm), size)]
        pieces = transcript(words) if "outputAudioTranscription" in self.setup else []
        self.memory.append(content("model", words))
        begun = time.monotonic()
        for number, chunk in enumerate(chunks):
            for piece in pieces[
                number * len(pieces) // len(chunks) : (number + 1) * len(pieces) // len(chunks)
            ]:
                await self._say({"outputTranscription": {"text": piece}})
            data = {"mimeType": f"audio/pcm;rate={OUT_RATE}", "data": base64.b64encode(chunk).decode()}
            await self._say({"modelTurn": {"role": "model", "parts": [{"inlineData": data}]}})
            if self._server.speed:
                due = begun + (number + 1) * CHUNK_SECONDS / self._server.speed
                await asyncio.sleep(max(0.0, due - time.monotonic()))
        return len(pcm) / (2 * OUT_RATE)

    async def _call(self, step: script.ToolCall) -> None:
        name, args = step.name, script.resolved(step.args, self.results)
        call = {"id": f"function-call-{self.number}-{next(self._calls)}", "name": name, "args": args}
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[call["id"]] = (name, answer)
        self.memory.append({"role": "model", "parts": [{"functionCall": call}]})
        await self._send({"toolCall": {"functionCalls": [call]}})
        if step.wait:
            await answer
            await asyncio.sleep(self._server.thinking)

    async def _say(self, server_content: dict[str, Any]) -> None:
        await self._send({"serverContent": server_content})

    async def _send(self, message: dict[str, Any]) -> None:
        if self._withheld:
            return
        for kind, body in message.items():
            self._note("out", kind, body)
        # In binary frames, as Google sends its JSON.
        await self._websocket.send_bytes(json.dumps(message).encode())

    async def _close(self, code: int, reason: str) -> None:
        self.open = False
        self._note("own", "closed", {"code": code, "reason": reason})
        await self._websocket.close(code, reason)
        raise Ended

    def _note(self, way: str, kind: str, body: Any = None) -> None:
        self._server.note(self.number, way, kind, body)
