"""An agent's tools: those it is allowed, each call carried out once however often its run is resumed."""

from collections import Counter
from collections.abc import Iterable
from time import perf_counter
from typing import cast

import msgspec

from shared.agents.effects_ledger import effect_id, once
from shared.agents.shape import Agent, Asked, Means
from shared.domain.effects import Effect
from shared.domain.receipts import Step
from shared.models.chat_model import ToolCall, ToolSpec
from shared.ports import Data
from shared.tools.call import OUT_OF_REACH, canonical, run_tool, told
from shared.tools.reach import reach_of, ungranted
from shared.tools.registry import settings_of, specs
from shared.tools.shape import Catalogue, Tool, ToolContext, ToolResult


def allowed(name: str, patterns: Iterable[str]) -> bool:
    """Whether a tool stands in an allow-list, by its name or as one of `prefix.*`."""
    return any(
        name.startswith(pattern[:-1]) if pattern.endswith(".*") else name == pattern for pattern in patterns
    )


class Hands:
    """The tools of one execution, what they were asked to do, and what came of it."""

    def __init__(self, agent: Agent, means: Means, steps: list[Step]) -> None:
        self._agent = agent
        self._means = means
        self._calls: Counter[tuple[str, str]] = Counter()  # that came to something
        self._late: Counter[tuple[str, str]] = Counter()  # that may have acted, or not
        self._steps = steps  # of the execution, in order
        self.effects: list[Effect] = []
        self.asked: list[Asked] = []
        self.confidence: float | None = None
        mine = {name: tool for name, tool in means.tools.tools.items() if self._may(name)}
        self._catalogue = Catalogue(mine)
        self.told: tuple[ToolSpec, ...] = specs(self._catalogue, means.config) if mine else ()

    def _may(self, name: str) -> bool:
        entry, spec = self._means.config.tools.get(name), self._agent.spec
        if entry is None or not entry.enabled or not allowed(name, spec.tools):
            return False
        return spec.type != "simple" or reach_of(self._means.tools.tools[name]) == "looks"

    def spelt(self, call: ToolCall) -> tuple[str, str]:
        """The call in its one spelling."""
        return call.name, canonical(self._catalogue, call)

    async def act(self, call: ToolCall) -> ToolResult:
        """What a call came to; one that may not be is a result whose error says why, and what to write."""
        spelt = self.spelt(call)
        began = perf_counter()
        effect = effect_id(f"{self._means.run}/{self._means.node}", *spelt, nth=self._calls[spelt])
        refused = self._refused(call, effect)
        hearing = f"{self._means.attempt}-{self._late[spelt]}"
        result = ToolResult(data={}, error=refused) if refused else await self._done(call, effect, hearing)
        counted = self._late if result.data.get(OUT_OF_REACH) else self._calls
        counted[spelt] += 1
        step = Step(
            kind="tool",
            name=call.name,
            ms=(perf_counter() - began) * 1000,
            detail={"arguments": call.arguments, "result": told(result), "agent": self._agent.name},
            sources=result.sources,
            error=result.error,
        )
        self._steps.append(step)
        self.effects += result.effects
        if result.confidence is not None:
            self.confidence = result.confidence
        return result

    def _refused(self, call: ToolCall, effect: str) -> str:
        """Why a call is not made; empty where it may be."""
        tool = self._catalogue.tools.get(call.name)
        if tool is None:
            mine = ", ".join(sorted(self._catalogue.tools)) or "no tool at all"
            return f"the agent {self._agent.name!r} may not use {call.name!r}; it has {mine}"
        grant = self._means.config.tools[call.name].grant
        refused = "" if effect in self._means.granted else ungranted(tool, grant)
        if refused and grant == "each_time":
            self.asked.append(Asked(effect=effect, tool=call.name, arguments=call.arguments))
        return refused

    async def _done(self, call: ToolCall, effect: str, hearing: str) -> ToolResult:
        means = self._means

        def context_of(tool: Tool) -> ToolContext:
            return ToolContext(
                store=means.store,
                clock=means.clock,
                now=means.now,
                config=means.config,
                settings=settings_of(tool, means.config),
                knowledge=means.knowledge,
                conversation=means.conversation or means.run,
                customer=means.customer,
                channel=means.channel,
                language=means.language,
                call_id=effect,
                allowed=effect in means.granted,
            )

        async def run() -> ToolResult:
            return await run_tool(self._catalogue, call, context_of)

        about: Data = {"run": means.run, "node": means.node, "tool": call.name, "agent": self._agent.name}
        if means.conversation:
            about["conversation"] = means.conversation
        return await once(means.store, means.expires, effect, about, run, hearing=hearing)


def observed(result: ToolResult) -> dict[str, object]:
    """A result as an agent's trace keeps it."""
    return cast("dict[str, object]", msgspec.to_builtins(told(result)))
