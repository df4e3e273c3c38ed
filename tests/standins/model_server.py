"""What the model stand-ins share: a script of answers and faults, and a record of requests."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from tests.standins.vendor_server import VendorServer

Fault = Literal[
    "",
    "rate_limited",  # 429, with the pause of `retry` where it is set
    "unavailable",  # 503, the same
    "broken",  # 500
    "hang",  # nothing ever comes
    "hang_midway",  # some words, then nothing
    "drop",  # some words, then the line breaks
    "cut",  # some words, then a clean end of the stream without a finish
    "truncated",  # JSON that ends in the middle
    "empty",  # a normal end without a word
    "length",  # the words, cut at the token limit
    "safety",  # some words, then stopped for safety
    "recitation",
    "blocked_prompt",  # the question itself refused
    "malformed_call",
    "unexpected_call",
    "suspended_key",  # 403 whose message quotes the key
    "unknown_model",  # 404
    "bad_request",  # 400
]


class Called(msgspec.Struct, kw_only=True):
    """A tool call to answer with."""

    name: str
    args: dict[str, Any] = {}
    id: str | None = None
    signature: str | None = None  # base64


class Step(msgspec.Struct, kw_only=True):
    """One answer. Words and calls may come together; `data` is a structured answer."""

    text: str = ""
    thought: str = ""  # said to itself before the answer, where the vendor shows it
    calls: list[Called] = []
    data: dict[str, Any] | None = None
    fault: Fault = ""
    retry: str = ""  # seconds as the vendor writes them, e.g. "2s" for Gemini
    served: str = ""  # the model that truly answers, where another than asked

    @property
    def words(self) -> str:
        """The text of the answer."""
        return json.dumps(self.data) if self.data is not None else self.text

    @property
    def pieces(self) -> list[str]:
        """The text in two halves, as a stream tells it."""
        half = (len(self.words) + 1) // 2
        return [piece for piece in (self.words[:half], self.words[half:]) if piece]


class Seen(msgspec.Struct, kw_only=True):
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class ModelServer(VendorServer):
    """A vendor of models. Answers the script first, then the rule, then echoes."""

    def __init__(self, key: str = "test-key", rule: Callable[[dict[str, Any]], Step | None] | None = None):
        super().__init__(key)
        self.rule = rule
        self.requests: list[Seen] = []
        self._steps: deque[Step] = deque()

    def script(self, *steps: Step) -> None:
        """Queue answers, one for each request that asks for words."""
        self._steps.extend(steps)

    def reset(self) -> None:
        """Forget what was asked and what was to be answered."""
        self.requests.clear()
        self._steps.clear()
        self.rule = None

    def question(self, body: dict[str, Any]) -> str:
        """What the customer said last, to be echoed."""
        raise NotImplementedError

    def schema(self, body: dict[str, Any]) -> dict[str, Any] | None:
        """The JSON Schema the request asks for, if any."""
        raise NotImplementedError

    async def seen(self, request: Request) -> dict[str, Any]:
        """Record a request and give its body."""
        body = json.loads(await request.body() or b"{}")
        self.requests.append(Seen(path=request.url.path, headers=dict(request.headers), body=body))
        return body

    def step(self, body: dict[str, Any], otherwise: Step | None = None) -> Step:
        """What to answer; `otherwise` where neither script nor rule says it."""
        if self._steps:
            return self._steps.popleft()
        if self.rule is not None and (step := self.rule(body)) is not None:
            return step
        if otherwise is not None:
            return otherwise
        schema = self.schema(body)
        return Step(data=blank(schema)) if schema else Step(text=f"You said: {self.question(body)}")


async def hang(request: Request) -> Response:
    """Say nothing until the client gives up, a minute at most."""
    for _ in range(3000):
        if await request.is_disconnected():
            break
        await asyncio.sleep(0.02)
    return Response(status_code=408)


def streamed(events: AsyncIterator[str]) -> StreamingResponse:
    """Server-sent events."""
    return StreamingResponse(events, media_type="text/event-stream")


def refused(status: int, body: object, **headers: str) -> JSONResponse:
    """An error in the vendor's own JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items() if value}
    return JSONResponse(body, status_code=status, headers=named)


def blank(schema: dict[str, Any]) -> Any:
    """The emptiest value a JSON Schema allows."""
    kinds = schema.get("type", "object")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "null" in kinds:
        return None
    if "enum" in schema:
        return schema["enum"][0]
    if kinds[0] == "object":
        return {name: blank(part) for name, part in schema.get("properties", {}).items()}
    empty = {"array": [], "string": "", "boolean": False}
    return empty.get(kinds[0], schema.get("minimum", 0))


def read_script(path: Path) -> list[Step]:
    """The steps of a JSON file: a list of maps with the fields of Step."""
    return msgspec.json.decode(path.read_bytes(), type=list[Step])
