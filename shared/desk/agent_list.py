"""A desk's agents as people and programs look at them: what each is for, and how it fares."""

import asyncio
from typing import Any

import msgspec

from shared.agents.executions import Execution, executions
from shared.agents.health import Health, health
from shared.agents.known import named, search
from shared.agents.shape import Agent
from shared.agents.team import stand_in
from shared.config.agents import AgentType, CostTier
from shared.config.versions import Published
from shared.desk.services import Services
from shared.desk.team import member_health
from shared.domain.errors import FrontdeskError


class AgentShown(msgspec.Struct, frozen=True, kw_only=True):
    """One agent, with its health."""

    name: str
    type: AgentType
    description: str
    capabilities: tuple[str, ...]
    tools: tuple[str, ...]
    supported_models: tuple[str, ...]  # the models it is put to, in this order, of those that are connected
    default_model: str  # the first of them; empty where none is connected
    cost_tier: CostTier
    fallback: str
    shipped: bool
    executions: int  # in the last quarter of an hour
    avg_latency_ms: float
    p95_latency_ms: float
    error_rate: float
    is_healthy: bool


class AgentWhole(msgspec.Struct, frozen=True, kw_only=True):
    """One agent with all its keys and what it did last."""

    agent: AgentShown
    spec: dict[str, Any]
    history: tuple[Execution, ...]


class MemberShown(msgspec.Struct, frozen=True, kw_only=True):
    """One member of the desk's team, with its health."""

    name: str
    handles: str
    backup: str  # who answers in its place; empty for the general one
    executions: int  # in the last quarter of an hour
    avg_latency_ms: float
    error_rate: float
    is_healthy: bool


async def members(services: Services, published: Published) -> list[MemberShown]:
    """The desk's team, in the order of its file."""
    team = published.config.agent.team
    states = await asyncio.gather(*(member_health(services, published, one) for one in team))
    found = []
    for one, state in zip(team, states, strict=True):
        other = stand_in(team, one)
        found.append(
            MemberShown(
                name=one.name,
                handles=one.handles,
                backup=other.name if other else "",
                executions=state.executions,
                avg_latency_ms=state.avg_latency_ms,
                error_rate=state.error_rate,
                is_healthy=state.is_healthy,
            )
        )
    return found


async def agents(
    services: Services,
    published: Published,
    *,
    capability: str | None = None,
    type: AgentType | None = None,  # noqa: A002  the key's own name
    cost_tier: CostTier | None = None,
) -> list[AgentShown]:
    """The desk's agents that have all of what is asked for, by name."""
    found = search(published.config, capability=capability, type=type, cost_tier=cost_tier)
    return list(await asyncio.gather(*(_shown(services, published, one) for one in found)))


async def agent(services: Services, published: Published, name: str, *, limit: int = 20) -> AgentWhole:
    """One agent, its health and its last executions, newest first. Raises NotThere."""
    one = named(published.config, name)
    store = services.tenant(published.tenant)
    shown, history = await asyncio.gather(
        _shown(services, published, one), executions(store, published.desk, name, limit=limit)
    )
    spec = one.spec.model_dump(mode="json", exclude_none=True)
    return AgentWhole(agent=shown, spec=spec, history=tuple(history))


async def _shown(services: Services, published: Published, one: Agent) -> AgentShown:
    spec, store = one.spec, services.tenant(published.tenant)
    state: Health = await health(
        store, published.desk, one.name, services.ports.clock.now(), seconds=spec.seconds
    )
    try:
        models = tuple(model.name for model in services.models.route(*spec.choice.wanted).chain)
    except FrontdeskError:  # none is connected
        models = ()
    return AgentShown(
        name=one.name,
        type=spec.type,
        description=spec.description,
        capabilities=spec.capabilities,
        tools=spec.tools,
        supported_models=models,
        default_model=models[0] if models else "",
        cost_tier=spec.tier,
        fallback=spec.fallback or "",
        shipped=one.shipped,
        executions=state.executions,
        avg_latency_ms=state.avg_latency_ms,
        p95_latency_ms=state.p95_latency_ms,
        error_rate=state.error_rate,
        is_healthy=state.is_healthy,
    )
