"""What agents did, kept for a while: their health is read from it, and what was learned of similar tasks."""

import json
from datetime import datetime
from typing import ClassVar

import msgspec

from shared.agents.shape import AgentResult, Means
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.knowledge.index import KnowledgeIndex
from shared.knowledge.read import Passage
from shared.ports import Data, Put, Query, Where
from shared.security.tenancy import TenantStore

_LONGEST = 4_000  # characters of a goal, and of what it came to
_REMEMBERED = 200  # of an agent's last executions, among which similar ones are looked for
_ALIKE = 0.3  # from so much on a goal counts as similar


class Execution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One execution of an agent."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    agent: str
    type: str
    run: str
    node: str
    goal: str
    success: bool
    at: str
    ms: float
    money: float = 0.0  # USD
    iterations: int = 0
    results: str = ""  # what it answered, JSON, shortened
    plan: dict[str, object] = {}
    error: str = ""
    trouble: str = ""


def execution_of(result: AgentResult, means: Means, *, kind: str, goal: str) -> Execution:
    """What is kept of an agent's result."""
    return Execution(
        agent=result.agent,
        type=kind,
        run=means.run,
        node=means.node,
        goal=goal[:_LONGEST],
        success=result.success,
        at=stamp(means.clock.now()),
        ms=round(result.ms, 1),
        money=result.money,
        iterations=result.iterations,
        results=json.dumps(result.output, ensure_ascii=False, default=str)[:_LONGEST],
        plan=result.plan,
        error=result.error[:_LONGEST],
        trouble=result.trouble,
    )


async def keep(
    store: TenantStore, desk: str, execution: Execution, *, expires: datetime, attempt: int = 0
) -> None:
    """Keep an execution of a desk's agent until `expires`; one that is resumed is kept once."""
    name = digest("execution", execution.run, execution.node, execution.agent, str(attempt))
    data: Data = msgspec.to_builtins(execution)
    await store.commit([Put(f"{_folder(desk, execution.agent)}/{name}", data, expires=expires)])


async def executions(
    store: TenantStore, desk: str, agent: str, *, since: datetime | None = None, limit: int = 20
) -> list[Execution]:
    """The last executions of a desk's agent, newest first."""
    where = (Where("at", ">=", stamp(since)),) if since else ()
    page = await store.query(_folder(desk, agent), Query(where, ("-at",), limit))
    return [msgspec.convert(document.data, Execution, strict=False) for document in page.documents]


async def similar(
    store: TenantStore, desk: str, agent: str, goal: str, *, top: int = 3, success_only: bool = True
) -> list[Execution]:
    """Past executions of an agent whose goals are put in like words, the most alike first."""
    past = [
        one
        for one in await executions(store, desk, agent, limit=_REMEMBERED)
        if one.success or not success_only
    ]
    index = KnowledgeIndex([Passage(text=one.goal, source=str(at)) for at, one in enumerate(past)])
    return [past[int(found.source)] for found in index.search(goal, top) if found.score >= _ALIKE]


def _folder(desk: str, agent: str) -> str:
    return f"agents/{desk}.{agent}/agent_executions"
