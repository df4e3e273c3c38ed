"""Runs one agent on one task, within its time and its money; what goes wrong is a result that says so."""

import asyncio
from datetime import datetime
from time import perf_counter
from typing import Any

from shared.agents import code, reasoning, simple
from shared.agents.asking import ModelOut
from shared.agents.form import Misformed
from shared.agents.shape import Agent, AgentResult, Context, Means, Trouble
from shared.agents.work import Work
from shared.domain.errors import FrontdeskError, Permanent
from shared.models.budget import BudgetEnded
from shared.models.failures import ModelRefused, Unusable

_KINDS = {"simple": simple.think, "reasoning": reasoning.think, "code": code.think}
_TROUBLES: tuple[tuple[type[FrontdeskError], Trouble], ...] = (
    (BudgetEnded, "budget"),
    (Misformed, "form"),
    (Unusable, "form"),
    (ModelOut, "model"),
    (ModelRefused, "model"),
    (code.NoPlan, "plan"),
    (Permanent, "tools"),
)
"""What an error of an execution is called, the first that fits; any other is the store's, and is raised."""


async def execute(agent: Agent, task: str, context: Context, means: Means) -> AgentResult:
    """What the agent made of the task. Raises Transient where the store is out of reach, and nothing else."""
    began = perf_counter()
    try:
        work = Work(agent, task, context, means)
    except Permanent as error:  # no model is connected, or a tool's settings are broken
        return AgentResult(agent=agent.name, success=False, error=f"{agent.name}: {error}", trouble="model")
    try:
        async with asyncio.timeout(agent.spec.seconds):
            output = await _KINDS[agent.spec.type](work)
    except TimeoutError:
        late = f"it took longer than its {agent.spec.seconds:g} seconds; raise its timeout"
        return _result(work, began, error=late, trouble="time", passing=True)
    except (Permanent, Unusable, ModelOut) as error:
        trouble = next(name for family, name in _TROUBLES if isinstance(error, family))
        later = _later(error, means.clock.now())
        passing = isinstance(error, ModelOut) or later is not None
        return _result(
            work, began, error=_words(agent, error), trouble=trouble, passing=passing, retry_after=later
        )
    if work.hands.asked:
        waits = ", ".join(asked.tool for asked in work.hands.asked)
        return _result(work, began, error=f"it waits until a person allows {waits}", trouble="leave")
    return _result(work, began, output=output)


def _words(agent: Agent, error: FrontdeskError) -> str:
    if isinstance(error, BudgetEnded) and error.limit == "execution":
        key = f"agents.{agent.name}.budget"
        return f"the next question may pass its ${agent.spec.allowance:g}; raise {key} in the desk's file"
    return str(error)


def _later(error: FrontdeskError, now: datetime) -> float | None:
    """Seconds until it may go better, where that is known."""
    if isinstance(error, BudgetEnded):
        return error.renewed_in(now)
    return error.retry_after if isinstance(error, ModelOut) else None


def _result(
    work: Work,
    began: float,
    *,
    output: Any = None,
    error: str = "",
    trouble: Trouble = "",
    passing: bool = False,
    retry_after: float | None = None,
) -> AgentResult:
    hands = work.hands
    return AgentResult(
        agent=work.agent.name,
        success=not error,
        output=output,
        error=f"{work.agent.name}: {error}" if error else "",
        trouble=trouble,
        passing=passing,
        retry_after=retry_after,
        stopped=work.stopped,
        steps=tuple(work.steps),
        trace=tuple(work.trace),
        effects=tuple(hands.effects),
        asked=tuple(hands.asked),
        plan=work.plan,
        confidence=hands.confidence,
        iterations=work.iterations,
        money=work.asking.money,
        ms=(perf_counter() - began) * 1000,
    )
