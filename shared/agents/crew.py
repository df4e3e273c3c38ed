"""Agents that work on one task together: who does what, who said what, and what they came to."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import msgspec

from shared.agents.purse import Purse
from shared.agents.shape import AgentResult, Context, Means, Thought
from shared.config.agents import CrewSpec

RunAgent = Callable[[str, str, Context, Means, Mapping[str, Any] | None], Awaitable[AgentResult]]
"""Runs an agent by its name; the last are the keys it has otherwise this time."""


@dataclass(slots=True)
class Crew:
    """A crew at work. Everything any of its agents did is in `results`, in order."""

    name: str
    spec: CrewSpec
    task: str
    context: Context
    means: Means
    run: RunAgent
    able: Mapping[str, str]  # member -> what it is for
    results: list[AgentResult] = field(default_factory=list)

    async def ask(
        self, who: str, task: str, place: str, also: Context, form: Mapping[str, Any] | None = None
    ) -> AgentResult:
        """What one agent makes of a task, `place` being where in the crew's work it is asked."""
        self.results.append(await self._asked(who, task, place, also, form))
        return self.results[-1]

    async def _asked(
        self, who: str, task: str, place: str, also: Context, form: Mapping[str, Any] | None = None
    ) -> AgentResult:
        node = f"{self.means.node}.{place}.{who}"
        changes = {"output_schema": dict(form), "prompt": None} if form is not None else None
        given = {**self.context, **also}
        return await self.run(who, task, given, replace(self.means, node=node), changes)

    async def ask_all(
        self, place: str, tasks: list[tuple[str, str]], also: Context | None = None
    ) -> list[AgentResult]:
        """What several make of their tasks, (who, task), all at once; told in this order."""
        results = await asyncio.gather(
            *(self._asked(who, task, f"{place}.{at}", also or {}) for at, (who, task) in enumerate(tasks))
        )
        self.results += results
        return results

    def asked_for(self) -> bool:
        """Whether somebody waits until a person allows a call."""
        return any(result.asked for result in self.results)


@dataclass(frozen=True, slots=True)
class Came:
    """What a crew came to: an output, or why there is none."""

    output: Any = None
    failed: AgentResult | None = None  # whose trouble is the crew's
    error: str = ""
    note: str = ""  # how it was decided, for the trace


Way = Callable[[Crew], Awaitable[Came]]


async def work_together(
    name: str,
    spec: CrewSpec,
    task: str,
    context: Context,
    means: Means,
    *,
    run: RunAgent,
    able: Mapping[str, str],
    way: Way,
) -> AgentResult:
    """What the crew made of a task, with every step and word of its agents; `able` tells what each is for."""
    began = perf_counter()
    if spec.budget is not None:
        means = replace(means, budget=Purse(spec.budget, means.budget))
    crew = Crew(name, spec, task, context, means, run, able)
    came = await way(crew)
    results, failed = crew.results, came.failed
    error = came.error or (failed.error if failed else "")
    said = [Thought(who=name, thought=came.note)] if came.note else []
    return AgentResult(
        agent=name,
        success=not error,
        output=came.output,
        error=f"{name}: {error}" if error else "",
        trouble=failed.trouble if failed else ("plan" if error else ""),
        passing=failed.passing if failed else False,
        retry_after=failed.retry_after if failed else None,
        steps=tuple(step for result in results for step in result.steps),
        trace=(*(thought for result in results for thought in told(result)), *said),
        effects=tuple(effect for result in results for effect in result.effects),
        asked=tuple(asked for result in results for asked in result.asked),
        confidence=min((one.confidence for one in results if one.confidence is not None), default=None),
        iterations=len(results),
        money=sum(result.money for result in results),
        ms=(perf_counter() - began) * 1000,
    )


def told(result: AgentResult) -> tuple[Thought, ...]:
    """What an agent of a crew did and said, with its answer or its failure as its last word."""
    last = Thought(who=result.agent, thought=words(result.output) if result.success else result.error)
    known = result.trace[-1].thought if result.trace else None
    return result.trace if known == last.thought else (*result.trace, last)


def words(output: Any) -> str:
    """An output as it is said to other agents."""
    return output if isinstance(output, str) else msgspec.json.encode(output).decode()


def findings(results: list[AgentResult]) -> list[dict[str, object]]:
    """What members came to, as whoever merges it is told; a failure is told as one."""
    return [
        {"who": result.agent, "found": result.output}
        if result.success
        else {"who": result.agent, "failed": result.error}
        for result in results
    ]
