"""Goes back in a run: once more from a step, or another run from a point one came through."""

from typing import cast

import msgspec

from shared import outbox
from shared.config.workflow_graph import Shape
from shared.desk.runs.alarms import due_now
from shared.desk.runs.change import RunChange, change
from shared.desk.runs.laid_aside import file_ends, laid_aside
from shared.desk.runs.replanted import let_go, replanted
from shared.desk.runs.undo import undone_steps
from shared.desk.runs.view import find_run, standing, whole_trace
from shared.desk.services import Services
from shared.domain.errors import NotThere, Permanent
from shared.domain.identity import new_id
from shared.domain.instants import stamp
from shared.domain.runs import Run, as_document, run_path, thread_of
from shared.ports import Create
from shared.runs.definitions import Definition
from shared.runs.replant import sub_runs, taken_back
from shared.runs.state import RunState, settled, sleeping
from shared.runs.stretch import history

AGAIN = ("failed", "cancelled", "parked", "completed")


async def retry(services: Services, tenant: str, run: str, step: str = "") -> Run:
    """The run, once more from a step on; without one from where it failed, and with it what was undone.

    Raises NotThere for an unknown run or step, Permanent for one under way.
    """
    store = services.tenant(tenant)
    before = await find_run(store, run)
    if before.status not in AGAIN:
        raise Permanent(f"run {run} is {before.status}; cancel it first, or wait until it is over")
    definition, state = await _standing(services, tenant, before)
    shape = definition.shape
    trace = whole_trace(before, state)
    steps = [*([step] if step else state["failed"]), *undone_steps(trace)]
    _check_steps(shape, steps)
    told = {**state, "trace": msgspec.to_builtins(trace)}  # with what undid its steps
    orphans = sub_runs(state, but=[wait.child for wait in before.waits])  # those runs tell it no more
    seed = taken_back(shape, cast("RunState", told), [*steps, *orphans])
    aside = await laid_aside(services, store, run, seed)

    def decide(found: Run) -> RunChange:
        if found.rev != before.rev:
            raise Permanent(f"run {run} was changed meanwhile; look at it again")
        new = msgspec.structs.replace(
            replanted(found, seed, aside),
            status="running",
            failures=0,
            ends_as="",
            asked="",
            error="",
            large=False,
            outputs={},
            trace=(),
            ended_at="",
            until="",
            words_until="",
            steps_until="",
        )
        due = due_now(tenant, run, nth=found.rev + 1)
        return RunChange(run=new, intents=[due, *let_go(tenant, found, new)])

    return await change(services, store, run, decide) or await find_run(store, run)


async def fork(services: Services, tenant: str, run: str, step: str) -> Run:
    """Another run of the same input, from the point where this one had come to `step`; the first stays.

    Raises NotThere for an unknown run, or one that never came to the step.
    """
    store = services.tenant(tenant)
    before = await find_run(store, run)
    definition = await services.definitions.version(tenant, before.desk, before.workflow, before.version)
    shape = definition.shape
    _check_steps(shape, [step])
    graph = services.run_graph(store, definition)
    came = [state async for state, due in history(graph, thread_of(before)) if step in due]
    id_ = new_id()
    if came:
        first, back = came[-1], []  # as it came there first
    else:  # it was taken back to the step, and its thread begins there
        _, first = await _standing(services, tenant, before)
        back = [step, *undone_steps(whole_trace(before, first))]
        if not settled(first, step) and not sleeping(first, step):
            raise NotThere(f"run {run} never came to {step!r}; look at its trace")
    state = taken_back(shape, first, [*back, *sub_runs(first)])  # those tell the first run alone
    seed = {**state, "run": id_}
    aside = await laid_aside(services, store, id_, seed)
    now = services.ports.clock.now()
    new = Run(
        id=id_,
        desk=before.desk,
        workflow=before.workflow,
        version=before.version,
        input=before.input,
        context=before.context,
        conversation=before.conversation,
        customer=before.customer,
        by=f"fork of {run}",
        token=new_id(),
        carried=len(state["effects"]),
        seed={} if aside else seed,
        seed_at=aside,
        created_at=stamp(now),
        updated_at=stamp(now),
    )
    writes = [Create(run_path(new.id), as_document(new)), *file_ends(None, new, now)]
    await outbox.commit(services.ports, store, writes, [due_now(tenant, new.id, nth=0)])
    return new


async def _standing(services: Services, tenant: str, run: Run) -> tuple[Definition, RunState]:
    """The definition of a run and the state it came to. Raises NotThere where nothing is left of it."""
    definition, state = await standing(services, services.tenant(tenant), run)
    if state is None:
        raise NotThere(f"the steps of run {run.id} are kept no more; begin a new one")
    return definition, state


def _check_steps(shape: Shape, steps: list[str]) -> None:
    for step in steps:
        if step not in shape.nodes:
            raise NotThere(f"there is no step {step!r}; there are {', '.join(shape.nodes)}")
    if not steps:
        raise Permanent("nothing of it failed; name the step to go back to")
