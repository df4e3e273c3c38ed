"""The ChatModel port: what every adapter in this folder is, and the words of asking and answering."""

from collections.abc import AsyncIterator
from typing import Literal, Protocol

import msgspec


class ToolSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A tool as a model is told of it."""

    name: str
    description: str
    parameters: dict[str, object]  # JSON Schema of the arguments
    examples: tuple[str, ...] = ()  # sentences that call for it; only the offline model reads them


class ToolCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model's wish to call a tool."""

    id: str
    name: str
    arguments: dict[str, object]
    signature: str | None = None  # opaque thought signature some models want back, base64


class Turn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of the talk as a model sees it."""

    role: Literal["customer", "desk", "tool"]
    text: str = ""
    calls: tuple[ToolCall, ...] = ()  # of a desk turn
    call: ToolCall | None = None  # of a tool turn: which call this answers
    result: dict[str, object] | None = None  # of a tool turn; carries "error" where the tool refused
    choices: tuple[tuple[str, str], ...] = ()  # of a tool turn: (id, title) the customer may tap
    media: tuple[tuple[str, bytes], ...] = ()  # of a customer turn: media type, bytes


class Briefing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The desk in facts, beside the prompt in words; the offline model works from these alone."""

    desk_name: str = ""
    agent_name: str = ""
    languages: tuple[str, ...] = ("en",)
    language: str = "en"  # the one to answer in
    now: str = ""  # local time at the desk, ISO 8601 with offset
    customer: dict[str, str] = {}  # what is known: name, phone, email...
    greeting: str = ""
    facts: dict[str, str] = {}  # hours, address, contact, as the desk's file gives them
    promises: tuple[str, ...] = ()  # what people of the business promised this customer


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One question to a model."""

    model: str
    system: str
    turns: tuple[Turn, ...]
    tools: tuple[ToolSpec, ...] = ()
    schema: dict[str, object] | None = None  # JSON Schema the answer must follow
    temperature: float | None = None
    max_tokens: int | None = None
    timeout: float = 20.0  # seconds, for the whole answer
    briefing: Briefing = Briefing()


class Usage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an answer used, in tokens as the vendor counts them."""

    input: int = 0
    cached: int = 0  # of the input
    output: int = 0


class Delta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of an answer as it streams: some text, or a whole tool call."""

    text: str = ""
    call: ToolCall | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A whole answer."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    data: dict[str, object] | None = None  # the structured answer, where a schema was asked for
    usage: Usage = Usage()
    model: str = ""  # the model that truly answered
    stop: Literal["end", "tools", "length", "safety"] = "end"
    confidence: float | None = None  # only from a model that can tell
    choices: tuple[tuple[str, str], ...] = ()  # what the customer may tap, from a model that offers


class ChatModel(Protocol):
    """A model behind one adapter.

    Errors: Transient (with `retry_after` where the vendor said) for 408, 429, 5xx, hangs and broken
    lines; Permanent for a refused key or request, with the vendor's own reason and no key in it. A
    malformed tool call is asked again once inside the adapter, then Transient.
    """

    provider: str

    def stream(self, request: Request) -> AsyncIterator[Delta | Answer]:
        """Deltas as they come, then exactly one Answer with the whole."""
        ...

    async def answer(self, request: Request) -> Answer:
        """The whole answer at once."""
        ...

    async def check(self) -> None:
        """Returns if the model would answer (key accepted). Raises as above."""
        ...
