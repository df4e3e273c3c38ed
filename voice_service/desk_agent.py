"""The desk as LiveKit's agents know one: its instructions, and its tools, which act as in any chat."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Sequence
from typing import Any

from livekit.agents import Agent, ModelSettings, llm
from livekit.agents.llm import RawFunctionTool, function_tool
from livekit.agents.types import TimedString

from shared.config.versions import Published
from shared.desk.calls.acting import act_on_call
from shared.desk.services import Services
from shared.domain.calls import Call
from shared.domain.effects import HandOver, Send
from shared.domain.errors import FrontdeskError
from shared.domain.receipts import Step
from shared.models.chat_model import ToolCall, ToolSpec
from shared.security.tenancy import TenantStore
from shared.tools.shape import ToolResult

log = logging.getLogger(__name__)


class DeskTools:
    """The desk's tools for one call. What the caller said is written before a tool acts on it."""

    def __init__(
        self,
        services: Services,
        store: TenantStore,
        call: Callable[[], Call],
        published: Published,
        *,
        settled: Callable[[], Awaitable[None]],
        offered: Callable[[Sequence[tuple[str, str]]], None],
    ) -> None:
        self.running: dict[str, float] = {}  # since when, by the call's id; loop time
        self.steps: list[Step] = []  # since the last answer
        self._services = services
        self._store = store
        self._call = call
        self._published = published
        self._settled = settled
        self._offered = offered

    def of(self, specs: Sequence[ToolSpec]) -> list[RawFunctionTool[..., Any]]:
        """Them, as a model may call them."""
        return [self._tool(spec) for spec in specs]

    def _tool(self, spec: ToolSpec) -> RawFunctionTool[..., Any]:
        async def act(raw_arguments: dict[str, object]) -> str:
            # A caller who speaks into it cancels the waiting, never the act.
            answer = await asyncio.shield(asyncio.ensure_future(self._act(spec.name, raw_arguments)))
            return json.dumps(answer, ensure_ascii=False, default=str)

        schema = {"name": spec.name, "description": spec.description, "parameters": spec.parameters}
        return function_tool(act, raw_schema=schema)

    async def _act(self, name: str, arguments: dict[str, object]) -> dict[str, object]:
        loop = asyncio.get_running_loop()
        wanted = ToolCall(id=f"{name}-{loop.time()}", name=name, arguments=arguments)
        self.running[wanted.id] = loop.time()
        try:
            await self._settled()
            # The same words ask for the same act: asked again, also after a cut, it is not done again.
            result, ms = await act_on_call(
                self._services, self._store, self._call(), self._published, wanted, nth=0
            )
        except FrontdeskError as error:
            log.warning("call.tool_refused", extra={"tool": name, "why": str(error)})
            return {"error": "this cannot be done just now; say so, and offer a person"}
        finally:
            self.running.pop(wanted.id, None)
        detail: dict[str, object] = {"arguments": arguments, "result": result.data}
        self.steps.append(
            Step(kind="tool", name=name, ms=ms, detail=detail, sources=result.sources, error=result.error)
        )
        self._offered(result.choices)
        return told(result)


def told(result: ToolResult) -> dict[str, object]:
    """What a model is told of a tool's result; `say` are words the caller is to hear."""
    if result.error:
        return {"error": result.error}
    answer = dict(result.data)
    say = [effect.message.text for effect in result.effects if isinstance(effect, Send)]
    say += [effect.reply for effect in result.effects if isinstance(effect, HandOver) and effect.reply]
    if say:
        answer["say"] = " ".join(say)
    if result.choices:
        answer["choices"] = [{"id": choice, "title": title} for choice, title in result.choices]
    return answer


class DeskAgent(Agent):
    """The desk that speaks on a call."""

    def __init__(
        self,
        instructions: str,
        *,
        history: llm.ChatContext,
        tools: Sequence[RawFunctionTool[..., Any]],
        model: llm.RealtimeModel,
        words: Callable[[str], None],
    ) -> None:
        """`words` is told what is going to be said, piece by piece, as it is made."""
        self._words = words
        super().__init__(instructions=instructions, chat_ctx=history, tools=list(tools), llm=model)

    async def transcription_node(
        self, text: AsyncIterable[str | TimedString], model_settings: ModelSettings
    ) -> AsyncGenerator[str | TimedString, None]:
        """Pass the words on, heard in passing."""
        async for piece in Agent.default.transcription_node(self, text, model_settings):
            self._words(piece)
            yield piece
