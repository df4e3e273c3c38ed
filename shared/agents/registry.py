"""Runs agents and crews by their names: who is well enough to, who takes over where one is not."""

from collections.abc import Mapping
from typing import Any

import msgspec

from shared.agents import crew_consensus, crew_hierarchical, crew_parallel, crew_sequential
from shared.agents.crew import Way, work_together
from shared.agents.execute import execute
from shared.agents.executions import execution_of, keep
from shared.agents.health import Health, health
from shared.agents.known import agents_of, named, search, tuned
from shared.agents.shape import Agent, AgentResult, Context, Means
from shared.config.agents import CrewSpec, Pattern
from shared.domain.errors import Permanent

_WAYS: dict[Pattern, Way] = {
    "sequential": crew_sequential.work,
    "parallel": crew_parallel.work,
    "hierarchical": crew_hierarchical.work,
    "consensus": crew_consensus.work,
}
_OWN_LIMITS = frozenset({"budget"})
"""Troubles a backup is no help in: whose money is used up would only spend more."""


async def health_now(means: Means, agent: Agent) -> Health:
    """How an agent fares."""
    desk, now = means.config.desk.id, means.clock.now()
    return await health(means.store, desk, agent.name, now, seconds=agent.spec.seconds)


async def backup(means: Means, agent: Agent) -> Agent | None:
    """Who takes an agent's place: the one it names, else a healthy one that can the same; None for nobody."""
    config = means.config
    if agent.spec.fallback is not None:
        return agents_of(config).get(agent.spec.fallback)
    for capability in agent.spec.capabilities:
        for other in search(config, capability=capability, type=agent.spec.type):
            if other.name != agent.name and (await health_now(means, other)).is_healthy:
                return other
    return None


async def run(name: str, task: str, context: Context, means: Means) -> AgentResult:
    """What the agent or crew of a name made of a task, or who stands in for it; each execution is kept.

    An agent that is unwell is passed over, and one that fails is followed by its backup, once. A result
    says what went wrong; raised is only Transient, where the store is out of reach.
    """
    crew = means.config.crews.get(name)
    if crew is not None:
        return await _crew(name, crew, task, context, means)
    return await _agent(name, task, context, means)


async def _crew(name: str, spec: CrewSpec, task: str, context: Context, means: Means) -> AgentResult:
    able = {who: agent.spec.description for who, agent in agents_of(means.config).items()}
    members = {who: able[who] for who in spec.members if who in able}
    result = await work_together(
        name, spec, task, context, means, run=_agent, able=members, way=_WAYS[spec.pattern]
    )
    await _keep(means, "crew", task, result)
    return result


async def _agent(
    name: str, task: str, context: Context, means: Means, changes: Mapping[str, Any] | None = None
) -> AgentResult:
    """What an agent or its backup made of a task; `changes` are the keys it has otherwise this time."""
    try:
        agent = named(means.config, name)
        agent = tuned(agent, changes) if changes else agent
    except Permanent as error:
        return AgentResult(agent=name, success=False, error=str(error), trouble="unknown")
    other = None
    if not (await health_now(means, agent)).is_healthy:
        other = await backup(means, agent)
        if other is not None and (await health_now(means, other)).is_healthy:
            agent, other = other, None
    first = await _kept(agent, task, context, means)
    if first.success or first.asked or first.trouble in _OWN_LIMITS:
        return first
    other = other or await backup(means, agent)
    if other is None or other.name == agent.name:
        return first
    form = {"prompt": None, "output_schema": agent.spec.output_schema} if agent.spec.output_schema else {}
    second = await _kept(tuned(other, form), task, context, means)
    return msgspec.structs.replace(
        second,
        error=f"{first.error}; then {second.error}" if second.error else "",
        steps=(*first.steps, *second.steps),
        trace=(*first.trace, *second.trace),
        effects=(*first.effects, *second.effects),
        money=first.money + second.money,
        ms=first.ms + second.ms,
    )


async def _kept(agent: Agent, task: str, context: Context, means: Means) -> AgentResult:
    result = await execute(agent, task, context, means)
    await _keep(means, agent.spec.type, task, result)
    return result


async def _keep(means: Means, kind: str, goal: str, result: AgentResult) -> None:
    execution = execution_of(result, means, kind=kind, goal=goal)
    await keep(means.store, means.config.desk.id, execution, expires=means.expires, attempt=means.attempt)
