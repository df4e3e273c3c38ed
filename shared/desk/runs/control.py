"""What people do with a run as a whole: cancel it, pause it, go on with it, replay one that was set aside."""

import msgspec

from shared.desk.runs.alarms import due_now
from shared.desk.runs.change import RunChange, change
from shared.desk.runs.view import find_run
from shared.desk.services import Services
from shared.domain.errors import Permanent
from shared.domain.runs import OVER, STILL, Run


async def cancel(services: Services, tenant: str, run: str, *, undo: bool = True) -> Run:
    """The run, to be cancelled as soon as no step of it is under way; what was done is undone if `undo`.

    Without, also one that is being undone ends, whatever is left of that.
    Its sub-runs are told in the commit by which it ends. Raises NotThere, and Permanent for one that is over.
    """

    def decide(found: Run) -> RunChange | None:
        if found.status in OVER:
            raise Permanent(f"run {run} is {found.status} already; there is nothing to cancel")
        undoing = undo and (found.asked == "cancel" or found.ends_as == "cancelled")
        if (undoing or found.asked == "stop") and found.status != "parked":
            return None
        held = "running" if found.status in STILL else found.status
        wanted = msgspec.structs.replace(
            found, asked="cancel" if undo else "stop", status=held, failures=min(found.failures, 1)
        )
        return RunChange(run=wanted, intents=[due_now(tenant, run, nth=found.rev + 1)])

    store = services.tenant(tenant)
    return await change(services, store, run, decide) or await find_run(store, run)


async def pause(services: Services, tenant: str, run: str) -> Run:
    """The run, which begins no further step until it is resumed; what ends its waits is kept.

    Raises NotThere, and Permanent for one that is over, set aside, or being undone.
    """

    def decide(found: Run) -> RunChange | None:
        if found.status == "paused" or found.asked:
            return None
        if found.status not in ("running", "waiting"):
            raise Permanent(f"run {run} is {found.status}; only one under way can be paused")
        if found.ends_as:
            raise Permanent(f"run {run} is being undone; it can be stopped, not paused")
        wanted = msgspec.structs.replace(found, asked="pause")
        return RunChange(run=wanted, intents=[due_now(tenant, run, nth=found.rev + 1)])

    store = services.tenant(tenant)
    return await change(services, store, run, decide) or await find_run(store, run)


async def resume(services: Services, tenant: str, run: str) -> Run:
    """The run, going on: one that was paused, or set aside after it broke.

    Raises NotThere, and Permanent for one that is neither.
    """

    def decide(found: Run) -> RunChange | None:
        if found.asked == "pause" and found.status != "parked":
            return RunChange(run=msgspec.structs.replace(found, asked=""))
        if found.status not in STILL:
            raise Permanent(f"run {run} is {found.status}; only one that is paused or parked can go on")
        parked = found.status == "parked"
        wanted = msgspec.structs.replace(
            found,
            status="running",
            asked="" if found.asked == "pause" else found.asked,
            failures=int(parked),  # what broke may have left a step half done: it is resumed, not begun
            error="" if parked else found.error,
        )
        return RunChange(run=wanted, intents=[due_now(tenant, run, nth=found.rev + 1)])

    store = services.tenant(tenant)
    return await change(services, store, run, decide) or await find_run(store, run)
