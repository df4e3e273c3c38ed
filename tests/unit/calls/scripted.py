"""A model that says what a test wrote down, at the pace the test gives it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from shared.domain.errors import FrontdeskError, Transient
from shared.models.chat_model import Answer, Delta, Request, ToolCall, Usage

Piece = str | float | ToolCall | asyncio.Event | FrontdeskError
"""Words, seconds to wait, a tool to call, something to wait for, or how it fails."""

CALM: dict[str, object] = {"intent": "question", "language": "en", "sentiment": 0.6, "wants_human": False}


def call(name: str, **arguments: object) -> ToolCall:
    """A call of a tool, as a model wishes it."""
    return ToolCall(id=f"call-{name}", name=name, arguments=arguments)


async def until(holds: Callable[[], bool]) -> None:
    """Returns as soon as it holds, and fails where it does not within ten seconds."""
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("what was waited for did not come")


@dataclass
class ScriptedModel:
    """The ChatModel port: each asking takes the next round of the script; the signals are always the same."""

    provider: str = "gemini"
    script: list[list[Piece]] = field(default_factory=list)
    signals: dict[str, object] = field(default_factory=lambda: dict(CALM))
    asked: list[Request] = field(default_factory=list)
    judging: float = 0.0  # seconds that reading the signals takes
    away: bool = False  # whether every asking fails

    async def stream(self, request: Request) -> AsyncIterator[Delta | Answer]:
        """The next round."""
        self.asked.append(request)
        if self.away:
            raise Transient("the model is away")
        text, calls = "", list[ToolCall]()
        for piece in self.script.pop(0) if self.script else ["I have nothing to say."]:
            match piece:
                case str():
                    text += piece
                    yield Delta(text=piece)
                case float():
                    await asyncio.sleep(piece)
                case ToolCall():
                    calls.append(piece)
                    yield Delta(call=piece)
                case asyncio.Event():
                    await piece.wait()
                case _:
                    raise piece
        yield Answer(
            text=text,
            calls=tuple(calls),
            usage=Usage(input=100, output=20),
            model=request.model,
            stop="tools" if calls else "end",
        )

    async def answer(self, request: Request) -> Answer:
        """The signals where a schema is asked for, else as `stream`."""
        if request.schema:
            await asyncio.sleep(self.judging)
            return Answer(data=dict(self.signals), usage=Usage(input=10, output=5), model=request.model)
        async for piece in self.stream(request):
            if isinstance(piece, Answer):
                return piece
        raise AssertionError("a round ends with its answer")

    async def check(self) -> None:
        """It would answer."""
