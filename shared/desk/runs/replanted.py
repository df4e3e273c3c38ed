"""A run as it begins anew from a state: what it waits for there it goes on hearing, and nothing else."""

from collections.abc import Sequence
from typing import Any, Literal, cast

import msgspec

from shared.desk.runs.alarms import due_now
from shared.desk.runs.wake import ends
from shared.domain.runs import Firing, OpenWait, Run
from shared.outbox import Publication
from shared.runs.state import RunState, open_waits


def replanted(run: Run, seed: RunState, aside: str = "") -> Run:
    """The run on a thread of its own that begins with `seed`, which is the file `aside` where it is large."""
    asleep = {(wait["node"], wait["nth"]) for wait in open_waits(seed)}
    waits = tuple(wait for wait in run.waits if (wait.node, wait.nth) in asleep)
    return msgspec.structs.replace(
        run,
        thread=run.thread + 1,
        begun=False,
        seed={} if aside else cast("dict[str, Any]", seed),
        seed_at=aside,
        waits=waits,
        asking=any(wait.kind == "approval" for wait in waits),
        inbox=tuple(one for one in run.inbox if may_end(one, waits)),
    )


def may_end(firing: Firing, waits: Sequence[OpenWait]) -> bool:
    """Whether anything may still wait for it; a signal is kept for who comes to wait for it later."""
    return bool(firing.name) or ends(firing, waits)


def let_go(tenant: str, before: Run, after: Run) -> list[Publication]:
    """Tells the sub-runs that a run waits for no more to be cancelled, or stopped as it was itself."""
    kept = {wait.child for wait in after.waits}
    asked: Literal["cancel", "stop"] = "stop" if before.asked == "stop" else "cancel"
    gone = [wait.child for wait in before.waits if wait.child and wait.child not in kept]
    return [due_now(tenant, child, nth=0, asked=asked) for child in gone]
