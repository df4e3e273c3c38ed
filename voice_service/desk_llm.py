"""The desk as LiveKit's pipeline knows a language model: asked with the talk, it answers the last words."""

from typing import Any

from livekit.agents import APIConnectOptions, llm
from livekit.agents.types import NOT_GIVEN, NotGivenOr
from livekit.agents.utils import shortuuid

from shared.desk.transcript import trace_of
from voice_service.ways_of_answering import Answered, Ways

ANSWER = "frontdesk"
"""Under this name a spoken item's `extra` tells the way, the turn and the tools behind it."""

ONCE = APIConnectOptions(max_retry=0)
"""A reply is asked for once; `Ways` knows what follows a failure."""


class DeskLLM(llm.LLM[str]):
    """What `AgentSession` asks for a reply; who answers is decided by `Ways`."""

    PROVIDER = "frontdesk"

    def __init__(self, ways: Ways) -> None:
        super().__init__()
        self._ways = ways

    @property
    def model(self) -> str:
        """What stands in LiveKit's metrics."""
        return "desk"

    @property
    def provider(self) -> str:
        """What stands in LiveKit's metrics."""
        return self.PROVIDER

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = ONCE,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,  # noqa: ARG002  LiveKit's shape
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,  # noqa: ARG002
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,  # noqa: ARG002
    ) -> "DeskStream":
        """The reply to the caller's last words; whoever closes it early cuts the turn off."""
        del conn_options  # however often LiveKit would try
        return DeskStream(self, self._ways, chat_ctx=chat_ctx, tools=tools or [], conn_options=ONCE)


class DeskStream(llm.LLMStream):
    """One reply: a chunk for everything that is said at once, and at the end what it came to."""

    def __init__(self, model: DeskLLM, ways: Ways, **given: Any) -> None:
        self._ways = ways
        super().__init__(model, **given)

    async def _run(self) -> None:
        if self._ways.quiet:
            return
        name = shortuuid()

        async def say(words: str) -> None:
            self._event_ch.send_nowait(
                llm.ChatChunk(id=name, delta=llm.ChoiceDelta(role="assistant", content=f"{words} "))
            )

        messages = self._chat_ctx.messages()
        last = messages[-1] if messages else None
        if last and last.role in ("system", "developer") and last.text_content:
            await self._ways.aside(last.text_content, say)
            return
        words = last if last and last.role == "user" else None
        item, text = (words.id, words.text_content or "") if words else ("", "")  # else what waits
        answered = await self._ways.answer(item, text, say)
        self._event_ch.send_nowait(
            llm.ChatChunk(id=name, delta=llm.ChoiceDelta(role="assistant", extra={ANSWER: _told(answered)}))
        )


def _told(answered: Answered) -> dict[str, Any]:
    thought = answered.thought
    if thought is None:
        return {"way": answered.way}
    return {"way": answered.way, "turn": thought.turn, "trace": trace_of(thought.turns)}
