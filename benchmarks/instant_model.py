"""A model that answers at once, so that what is left of a turn's time is the product's own.

It asks for the tool once and then answers; the yardstick's agent does exactly the same.
"""

from collections.abc import AsyncIterator, Sequence

from pydantic import BaseModel

from shared.models.chat_model import Answer, Delta, Request, ToolCall
from shared.tools.shape import ToolContext, ToolResult

TOOL = "look_up"
ARGUMENTS = {"order": "42"}
RESULT = {"order": "42", "state": "on its way", "arrives": "tomorrow"}
REPLY = "Your order 42 is on its way and arrives tomorrow."
SIGNALS: dict[str, object] = {
    "intent": "order_state",
    "language": "en",
    "sentiment": 0.5,
    "wants_human": False,
}


class InstantModel:
    """The ChatModel port without a wait in it."""

    provider = "gemini"

    async def stream(self, request: Request) -> AsyncIterator[Delta | Answer]:
        """The tool first, words after its result; words at once where the desk has no tool."""
        answer = self._answer(request)
        if answer.text:
            yield Delta(text=answer.text)
        yield answer

    async def answer(self, request: Request) -> Answer:
        """The signals where a schema is asked for, else as `stream`."""
        return Answer(data=dict(SIGNALS)) if request.schema else self._answer(request)

    async def check(self) -> None:
        """It would answer."""

    def _answer(self, request: Request) -> Answer:
        if request.tools and request.turns[-1].role == "customer":
            return Answer(calls=(ToolCall(id="call-1", name=TOOL, arguments=dict(ARGUMENTS)),), stop="tools")
        return Answer(text=REPLY)


class LookUp:
    """A tool of the product's shape that knows one answer."""

    NAME = TOOL
    DESCRIPTION = "Looks up an order."
    EXAMPLES: Sequence[str] = ("Where is my order?",)
    TIMEOUT = 3.0

    class Settings(BaseModel, extra="forbid"):
        """Nothing to set."""

    class Arguments(BaseModel):
        """Which order."""

        order: str

    @staticmethod
    async def run(arguments: BaseModel, context: ToolContext) -> ToolResult:  # noqa: ARG004  the port's shape
        """The one answer."""
        return ToolResult(data=dict(RESULT))
