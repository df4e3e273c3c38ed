"""A run as whoever asked for it reads it: outputs, trace and costs, step by step."""

from typing import Any

import msgspec

from shared.desk.services import Services
from shared.domain.errors import NotThere
from shared.domain.instants import instant
from shared.domain.runs import OVER, Run, TraceEntry, read_run, run_path, thread_of
from shared.runs.definitions import Definition
from shared.runs.state import RunState
from shared.runs.stretch import stands
from shared.security.tenancy import TenantStore


async def find_run(store: TenantStore, run: str) -> Run:
    """A run by its id. Raises NotThere."""
    document = await store.get(run_path(run))
    if document is None:
        raise NotThere(f"run {run} is unknown; look at the list of runs")
    return read_run(document.data)


async def shown(services: Services, store: TenantStore, run: Run) -> dict[str, Any]:
    """The run with its steps so far, as the API tells it. Raises NotThere for a definition that is gone."""
    outputs, trace = await came_to(services, store, run)
    costs = {entry.node: 0.0 for entry in trace if entry.money}
    for entry in trace:
        if entry.money:
            costs[entry.node] += entry.money
    return {
        **summary(run),
        "outputs": outputs,
        "trace": {
            "workflow_id": run.workflow,
            "started_at": run.created_at,
            "completed_at": run.ended_at or None,
            "nodes": [_entry(entry) for entry in trace],
            "costs": {"total_usd": round(run.money, 6), "by_node": costs},
        },
        "total_cost_usd": round(run.money, 6),
        "duration_ms": _ms(run),
    }


async def came_to(
    services: Services, store: TenantStore, run: Run
) -> tuple[dict[str, Any], tuple[TraceEntry, ...]]:
    """What a run has come to, and its steps as they went, wherever that stands."""
    state = None
    if run.large or (run.status not in OVER and run.begun):
        _, state = await standing(services, store, run)
    return come_to(run, state)


def come_to(run: Run, state: RunState | None) -> tuple[dict[str, Any], tuple[TraceEntry, ...]]:
    """As `came_to`, of a run whose state was read; None where nothing of that is kept."""
    if state is None or (run.status in OVER and not run.large):
        return run.outputs, run.trace
    return state["outputs"], whole_trace(run, state)


async def standing(services: Services, store: TenantStore, run: Run) -> tuple[Definition, RunState | None]:
    """The definition of a run and the state of its steps, None where nothing of that is kept.

    Raises NotThere for a definition that is gone.
    """
    definition = await services.definitions.version(store.tenant, run.desk, run.workflow, run.version)
    found = await stands(services.run_graph(store, definition), thread_of(run))
    return definition, found[0] if found else None


def whole_trace(run: Run, state: RunState) -> tuple[TraceEntry, ...]:
    """The steps of a run as they went, and what undid them, oldest first."""
    return run.trace if run.status in OVER and not run.large else (*traced(state), *run.trace)


def traced(state: RunState) -> tuple[TraceEntry, ...]:
    """The steps done so far, in order."""
    return msgspec.convert(state["trace"], tuple[TraceEntry, ...])


def summary(run: Run) -> dict[str, Any]:
    """A run as a list of runs shows it."""
    return {
        "execution_id": run.id,
        "status": run.status,
        "desk": run.desk,
        "workflow": run.workflow,
        "version": run.version,
        "conversation": run.conversation or None,
        "customer": run.customer or None,
        "started_at": run.created_at,
        "ended_at": run.ended_at or None,
        "kept_until": run.still_until or None,
        "waits": msgspec.to_builtins(run.waits),
        "error": run.error or None,
        "by": run.by or None,
        "parent": run.parent or None,
    }


def _entry(entry: TraceEntry) -> dict[str, Any]:
    told: dict[str, Any] = {
        "node_id": entry.node,
        "kind": entry.kind,
        "at": entry.at,
        "duration_ms": round(entry.ms, 3),
        "success": entry.success,
        "attempts": entry.attempts,
    }
    if entry.money:
        told["cost_usd"] = entry.money
    if entry.error:
        told["error"] = entry.error
    return told | ({"detail": entry.detail} if entry.detail else {})


def _ms(run: Run) -> int | None:
    if not run.ended_at:
        return None
    return round((instant(run.ended_at) - instant(run.created_at)).total_seconds() * 1000)
