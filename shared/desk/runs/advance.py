"""Advances a run: from step to step until it sleeps, is over, or its time here is up; then one commit."""

import asyncio
import contextlib
import logging
from dataclasses import replace
from typing import Any

import msgspec

from shared.desk.runs.carry_out import DeskSteps, LetGo, steps_of
from shared.desk.runs.control import cancel
from shared.desk.runs.laid_aside import beginning
from shared.desk.runs.lease import kept
from shared.desk.runs.reached import Reached
from shared.desk.runs.replies import leave_to_desk
from shared.desk.runs.settle import give_up, settle
from shared.desk.runs.undo import undo
from shared.desk.runs.wake import Held, got_further, take
from shared.desk.services import Services
from shared.domain.errors import NotThere, Permanent, Transient
from shared.domain.events import RunDue
from shared.domain.runs import Firing, Run, heard_as, thread_of
from shared.runs.compile import Graph, Put, going_to, waking
from shared.runs.replant import frontier
from shared.runs.state import RunState, begin, sleeping
from shared.runs.stretch import stands, stretch
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)

SHARE = 0.5
"""Of a stretch's seconds, after which no further step is begun; one under way has most of the rest."""
ALL = 0.9
"""Of a stretch's seconds, after which a step under way is cut short."""


async def advance_run(services: Services, due: RunDue) -> None:
    """Take a run that is due as far as it goes. Raises Transient where the store is busy."""
    store = services.tenant(due.tenant)
    if due.asked:
        with contextlib.suppress(Permanent):  # it is over, or gone
            await cancel(services, due.tenant, due.run, undo=due.asked == "cancel")
    await advance(services, store, await take(services, store, due))
    if due.alone:
        await leave_to_desk(services, store, due)


async def advance(services: Services, store: TenantStore, held: Held | None) -> None:
    """Advance a run that this process holds, until it has nothing to do for now."""
    while held is not None:
        held = await _slice(services, store, held)


async def _slice(services: Services, store: TenantStore, held: Held) -> Held | None:
    """As far as the run goes in one stretch, committed; the run again where there is more to do."""
    try:
        async with (
            asyncio.timeout(services.run_seconds * ALL) as limit,
            kept(services, store, held.run, limit),
        ):
            reached = await _reached(services, store, held)
        return await settle(services, store, reached)
    except Permanent as error:  # its desk or its definition is gone: no retry mends that
        await give_up(services, store, held.run, str(error), for_good=True)
    except Transient as error:
        await give_up(services, store, held.run, str(error))
    except Exception as error:
        log.exception("run.broke", extra={"run": held.run.id})
        why = f"{type(error).__name__} while it was advanced; see the logs"
        await give_up(services, store, held.run, why)
    return None


async def _reached(services: Services, store: TenantStore, held: Held) -> Reached:
    """How far the run goes. Raises Permanent where its desk or its definition is gone."""
    run = held.run
    published = await services.versions.published(run.desk)
    if published is None:
        raise NotThere(f"the desk {run.desk!r} is published no more; publish it and resume the run")
    definition = await services.definitions.version(store.tenant, run.desk, run.workflow, run.version)
    graph = services.run_graph(store, definition)
    steps = await steps_of(services, store, run, published, definition.workflow)
    thread = thread_of(run)
    standing = await stands(graph, thread) if run.begun or held.resumes else None
    if run.begun and standing is None:
        raise Permanent(f"what the steps of run {run.id} did is kept no more; begin a new one")
    state, within = standing or (await _beginning(services, run), True)
    if held.resumes and standing is not None:
        await got_further(services, store, run, len(state["trace"]) + len(state["armed"]))
    reached = Reached(
        run=run,
        state=state,
        begun=standing is not None,
        definition=definition,
        published=published,
        more=within,
        undone_trace=run.trace,
    )
    if not (run.asked or run.ends_as):
        reached = await _advanced(graph, reached, steps, new=not held.resumes)
    elif run.ends_as and run.asked != "stop":
        reached = await undo(reached, steps)
    return reached


async def _advanced(graph: Graph, reached: Reached, steps: DeskSteps, *, new: bool) -> Reached:
    """The steps that are due, then those that what is in the inbox wakes, until its time here is up."""
    run, state, begun, within = reached.run, reached.state, reached.begun, reached.more
    shape = reached.definition.shape
    loop, before = asyncio.get_running_loop(), tuple[str, ...]()
    ends = loop.time() + steps.services.run_seconds * SHARE
    more = False
    try:
        while not more:
            due = frontier(shape, state)
            woken = {} if due or state["failed"] else _woken(run.inbox, state)
            if within:
                put: Put = None if begun else state
            elif due and due != before:
                put, before = going_to(due), due
            elif woken:
                put = waking({step: msgspec.to_builtins(one) for step, one in woken.items()})
            else:
                break
            left = ends - loop.time()
            state, more = await stretch(
                graph, thread_of(run), steps, put, new=new and not begun, seconds=left
            )
            begun, within = True, False
    except LetGo:  # somebody asked for something, or has taken it over
        standing = await stands(graph, thread_of(run))
        begun, (state, more) = standing is not None, standing or (state, True)
    due = frontier(shape, state)
    if due and due == before and not more:
        raise RuntimeError(f"steps {before} of run {run.id} are due and do nothing")
    return replace(reached, state=state, begun=begun, more=bool(due), delivered=_taken(state))


def _woken(inbox: tuple[Firing, ...], state: RunState) -> dict[str, Firing]:
    """What wakes which step: the first that ends the wait it is in. A signal wakes one step, ever."""
    woken: dict[str, Firing] = {}
    taken = _taken(state)
    for firing in inbox:
        if firing.id in taken:
            continue
        for step in [firing.node] if firing.node else state["armed"]:
            wait = sleeping(state, step)
            if wait is None or step in woken or not _ends(firing, wait):
                continue
            woken[step] = msgspec.structs.replace(firing, node=step, nth=wait["nth"])
            break
    return woken


def _taken(state: RunState) -> frozenset[str]:
    """The ids of what woke steps so far."""
    return frozenset(one["id"] for one in state["fired"].values())


def _ends(firing: Firing, wait: dict[str, Any]) -> bool:
    if firing.name:
        return heard_as(wait["kind"], wait.get("name", "")) == firing.name
    return bool(wait["nth"] == firing.nth)


async def _beginning(services: Services, run: Run) -> RunState:
    """The state it begins with; nothing for one that is to end before, where that is kept no more."""
    try:
        return await beginning(services, run)
    except Permanent:
        if run.ends_as or run.asked in ("cancel", "stop"):
            return begin(run.id, {}, {})
        raise
