"""Commits how far a run came: its document, what it says and starts, its waits and their timers, as one."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from shared.desk.answer import intents_of
from shared.desk.commit import as_data
from shared.desk.outreach.alarms import reach_alarm
from shared.desk.retention import messages_until, receipts_until
from shared.desk.runs.alarms import due_now, look_again, wait_alarm
from shared.desk.runs.asks import asks
from shared.desk.runs.change import OfHead, RunChange, change
from shared.desk.runs.laid_aside import file_ends
from shared.desk.runs.lease import leased
from shared.desk.runs.reached import Reached
from shared.desk.runs.replanted import let_go, may_end
from shared.desk.runs.said import said_by
from shared.desk.runs.spoken import spoken
from shared.desk.runs.start import Wanted, prepared
from shared.desk.runs.undo import to_undo
from shared.desk.runs.wake import Held, ends
from shared.desk.services import Services
from shared.domain.instants import instant, stamp
from shared.domain.outreach import outreach_path
from shared.domain.runs import OVER, Run, RunStatus, as_document, ended, fits, run_path
from shared.outbox import Intent, Publication
from shared.ports import Create, Write
from shared.security.tenancy import TenantStore

PAUSES = (1.0, 5.0, 30.0, 120.0, 600.0)
"""Seconds before an advance that broke is tried again, by how many broke before."""


async def settle(services: Services, store: TenantStore, reached: Reached) -> Held | None:
    """Commit it; the run once more where there is more to do and it is still this process's."""
    reached = replace(reached, children=await _children(services, store, reached))
    reached = await spoken(services, store, reached)
    kept: list[bool] = []

    def decide(run: Run) -> RunChange | None:
        kept.clear()
        if run.fence != reached.run.fence or run.status in OVER:
            return None  # another has taken it over
        new = _after(services, run, reached)
        kept.append(bool(new.lease))
        return _with_all(services, store, reached, before=run, new=new)

    run = await change(services, store, reached.run.id, decide)
    return Held(run, resumes=False) if run is not None and kept[-1] else None


async def _children(services: Services, store: TenantStore, reached: Reached) -> tuple[Run, ...]:
    """The runs that its steps begin. A workflow that is gone fails here, and with it the run."""
    return tuple(
        [
            await prepared(
                services,
                store.tenant,
                reached.run.desk,
                Wanted(
                    workflow=start.workflow,
                    input=start.input,
                    context=reached.state["context"],
                    conversation=reached.run.conversation,
                    customer=reached.run.customer,
                    by=f"run:{reached.run.id}",
                    id=start.run,
                    parent=start.parent,
                    node=start.node,
                ),
            )
            for start in reached.starts
        ]
    )


def _after(services: Services, run: Run, reached: Reached) -> Run:
    """The run as it stands from now on."""
    now = services.ports.clock.now()
    waits = () if _ends_as(run, reached) else reached.waits
    inbox = tuple(one for one in run.inbox if one.id not in reached.delivered and may_end(one, waits))
    new = msgspec.structs.replace(
        run,
        begun=reached.begun,
        failures=0,
        carried=len(reached.state["effects"]),
        answer=(*run.answer, *(reached.answer or ())),
        waits=waits,
        asking=any(wait.kind == "approval" for wait in waits),
        inbox=inbox,
        money=reached.money,
        error=reached.error,
        seed={} if reached.begun else run.seed,
        seed_at="" if reached.begun else run.seed_at,
    )
    status = _status(new, reached)
    if status in OVER:
        over = ended(
            new,
            status,
            now,
            words_until=messages_until(reached.published.config, now),
            until=receipts_until(reached.published.config, now),
        )
        return msgspec.structs.replace(
            over,
            lease="",
            lease_until="",
            ends_as="",
            **_came_to(reached, over),
        )
    holds_on = status == "running"
    return msgspec.structs.replace(
        new,
        status=status,
        lease=run.lease if holds_on else "",
        lease_until=stamp(now + leased(services)) if holds_on else "",
        asked="" if status == "paused" else new.asked,
        ends_as=_ends_as(new, reached),
        trace=reached.undone_trace,
    )


def _came_to(reached: Reached, over: Run) -> dict[str, Any]:
    """What a run came to, as its document holds it; what is too large stays in the last checkpoint."""
    outputs, trace = reached.state["outputs"], reached.trace
    if fits(outputs, trace):
        return {"outputs": outputs, "trace": trace}
    # Its outputs stand in its checkpoints.
    return {"large": True, "trace": reached.undone_trace, "steps_until": over.words_until}


def _ends_as(run: Run, reached: Reached) -> Literal["", "failed", "cancelled"]:
    if run.ends_as:
        return run.ends_as
    if run.asked in ("cancel", "stop"):
        return "cancelled"
    return "failed" if reached.state["failed"] else ""


def _status(run: Run, reached: Reached) -> RunStatus:
    ends_as = _ends_as(run, reached)
    if ends_as:
        if run.asked != "stop" and to_undo(reached):
            return "running"  # that it ends is committed first, then what undoes it
        return "cancelled" if ends_as == "cancelled" else "failed"
    if run.asked == "pause":
        return "paused"
    if reached.more or any(ends(one, run.waits) for one in run.inbox):
        return "running"
    return "waiting" if run.waits else "completed"


def _with_all(
    services: Services, store: TenantStore, reached: Reached, *, before: Run, new: Run
) -> RunChange:
    """The change with everything that goes with it."""
    now = services.ports.clock.now()
    begun = {(wait.node, wait.nth) for wait in before.waits}
    alarms = [
        wait_alarm(store.tenant, new, wait)
        for wait in new.waits
        if wait.due and (wait.node, wait.nth) not in begun
    ]
    intents: list[Intent] = [*alarms, *(one for effect in reached.effects for one in intents_of(effect))]
    intents += [
        Publication.of(asks(store.tenant, new, wait, now))
        for wait in new.waits
        if wait.kind == "approval" and (wait.node, wait.nth) not in begun
    ]
    writes: list[Write] = []
    for one in reached.outreaches:
        writes.append(Create(outreach_path(one.id), as_data(one), expires=instant(one.until)))
        intents.append(reach_alarm(store.tenant, one))
    awaited = {wait.child for wait in new.waits}
    for child in (one for one in reached.children if one.id in awaited):
        writes += [Create(run_path(child.id), as_document(child)), *file_ends(None, child, now)]
        intents.append(due_now(store.tenant, child.id, nth=0))
    if new.ends_as or new.status in ("failed", "cancelled"):
        intents += let_go(store.tenant, before, new)
    if new.status in OVER and new.parent:
        intents.append(due_now(store.tenant, new.parent, nth=0, child=new.id))
    if new.lease:
        after = now + leased(services) + timedelta(seconds=1)
        intents.append(look_again(store.tenant, new.id, after, str(new.fence)))
    return RunChange(
        run=new, writes=writes, intents=intents, conversation=_of_head(services, store, reached, new, now)
    )


def _of_head(
    services: Services, store: TenantStore, reached: Reached, run: Run, now: datetime
) -> OfHead | None:
    if not run.conversation:
        return None
    return said_by(services, store, reached, run, now)


async def give_up(
    services: Services, store: TenantStore, run: Run, why: str, *, for_good: bool = False
) -> None:
    """Let go of a run whose advance broke: tried again after a pause, set aside for people if for good."""
    now = services.ports.clock.now()

    def decide(found: Run) -> RunChange | None:
        if found.fence != run.fence or found.status in OVER:
            return None
        free = msgspec.structs.replace(
            found, lease="", lease_until="", error=why, failures=found.failures + 1
        )
        if for_good or free.failures > len(PAUSES):
            return RunChange(run=msgspec.structs.replace(free, status="parked"))
        due = now + timedelta(seconds=PAUSES[free.failures - 1])
        free = msgspec.structs.replace(free, lease_until=stamp(due))  # until then nobody need take it up
        return RunChange(run=free, intents=[look_again(store.tenant, run.id, due, f"broke {run.fence}")])

    await change(services, store, run.id, decide)
