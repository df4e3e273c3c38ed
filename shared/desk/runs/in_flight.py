"""Runs under way when a workflow changes: what a version would mean for each, and what is done with them."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from shared.config.workflow_graph import shape_of
from shared.config.workflows import Workflow
from shared.desk.runs.alarms import due_now
from shared.desk.runs.change import RunChange, change
from shared.desk.runs.control import cancel
from shared.desk.runs.laid_aside import laid_aside
from shared.desk.runs.replanted import let_go, replanted
from shared.desk.runs.run_list import under_way
from shared.desk.runs.view import standing
from shared.desk.services import Services
from shared.domain.errors import Permanent
from shared.domain.runs import OVER, Run
from shared.runs.definitions import Definition
from shared.runs.replant import carried_over, frontier
from shared.runs.state import RunState, open_waits

Choice = Literal["keep", "move", "cancel"]
MOST = 500
"""Runs of a workflow that are looked at and changed at once; the next ones are, when these are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """One run under way, and what moving it to another version would mean."""

    run: Run
    at: tuple[str, ...]  # the steps it sleeps in
    goes_on_at: tuple[str, ...]  # the steps it would do next there
    sleeps_on: tuple[str, ...]  # the steps it would go on sleeping in
    lost: tuple[str, ...]  # steps it has done that the other version has not


async def preview(services: Services, tenant: str, desk: str, name: str, to: Workflow) -> list[InFlight]:
    """What each of the newest runs under way would do on another version; nothing is changed."""
    store = services.tenant(tenant)
    runs = await under_way(store, desk, name, most=MOST)
    return [_seen(run, *await standing(services, store, run), to) for run in runs]


async def apply(services: Services, tenant: str, run: Run, choice: Choice, *, to: Definition) -> Run:
    """The run as it is after the choice: kept on its version, moved to another, or cancelled.

    Raises Permanent for one that is advanced or undone just now, or changed meanwhile.
    """
    if choice == "keep":
        return run
    if choice == "cancel":
        return await cancel(services, tenant, run.id)
    definition, state = await standing(services, services.tenant(tenant), run)
    seed = carried_over(to.shape, state, definition.shape) if state else None
    aside = await laid_aside(services, services.tenant(tenant), run.id, seed) if seed else ""

    def decide(found: Run) -> RunChange:
        if found.rev != run.rev or found.lease:
            raise Permanent(f"run {run.id} is under way just now; look at it again and choose anew")
        if found.status in OVER:
            raise Permanent(f"run {run.id} is {found.status} already; retry it, or begin a new one")
        if found.ends_as or found.asked in ("cancel", "stop"):
            raise Permanent(f"run {run.id} is being undone; it ends with the version that did what it did")
        new = msgspec.structs.replace(
            replanted(found, seed, aside) if seed else found,
            version=to.version,
            status="running" if found.status == "waiting" else found.status,
        )
        due = due_now(tenant, run.id, nth=found.rev + 1)
        return RunChange(run=new, intents=[due, *let_go(tenant, found, new)])

    return await change(services, services.tenant(tenant), run.id, decide) or run


def _seen(run: Run, definition: Definition, state: RunState | None, to: Workflow) -> InFlight:
    shape, former = shape_of(to), definition.shape
    if state is None:
        return InFlight(run=run, at=(), goes_on_at=shape.first, sleeps_on=(), lost=())
    moved = carried_over(shape, state, former)
    return InFlight(
        run=run,
        at=tuple(wait["node"] for wait in open_waits(state)),
        goes_on_at=frontier(shape, moved),
        sleeps_on=tuple(wait["node"] for wait in open_waits(moved)),
        lost=tuple(step for step in state["outputs"] if step not in moved["outputs"]),
    )
