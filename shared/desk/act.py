"""Runs a tool a model called for, once, by the ledger; only while whoever asks still has the word."""

from collections.abc import Callable
from time import perf_counter
from typing import Protocol

from shared.agents.effects_ledger import effect_id, once
from shared.config.versions import Published
from shared.desk.commit import head_path, read_head
from shared.desk.retention import messages_until
from shared.desk.services import Services
from shared.desk.tool_context import Talk, tool_context
from shared.domain.conversation import Head
from shared.domain.errors import Transient
from shared.models.chat_model import ToolCall
from shared.ports import Data
from shared.security.tenancy import TenantStore
from shared.tools.call import canonical, run_tool
from shared.tools.shape import Tool, ToolContext, ToolResult


class Asking(Talk, Protocol):
    """A talk with the turn under way, and the version of the desk it runs on."""

    @property
    def turn(self) -> str:
        """The turn's id, the same however often it is resumed."""
        ...

    @property
    def published(self) -> Published:
        """The version."""
        ...


async def act(
    services: Services,
    store: TenantStore,
    asking: Asking,
    call: ToolCall,
    nth: int,
    *,
    may: Callable[[Head], bool],
) -> tuple[ToolResult, float]:
    """What the nth such call of the turn came to, and its milliseconds.

    Raises Transient where the head, as it is now, says that a person or another turn has the word.
    """
    began = perf_counter()
    head = read_head(await store.get(head_path(asking.conversation)))
    if head is None or not may(head):
        raise Transient("a person or another turn has the conversation now; this turn acts no more")
    entry = asking.config.tools.get(call.name)
    if entry is None or not entry.enabled:
        return ToolResult(data={}, error=f"this desk has no tool {call.name!r}; use those it has"), 0.0
    knowledge = await services.knowledge(asking.published)
    effect = effect_id(asking.turn, call.name, canonical(services.tools, call), nth)

    def context_of(tool: Tool) -> ToolContext:
        return tool_context(services, store, asking, tool, knowledge=knowledge, call_id=effect)

    async def run() -> ToolResult:
        return await run_tool(services.tools, call, context_of)

    until = messages_until(asking.config, services.ports.clock.now())
    about: Data = {"conversation": asking.conversation, "turn": asking.turn, "tool": call.name}
    result = await once(store, until, effect, about, run)
    return result, (perf_counter() - began) * 1000
