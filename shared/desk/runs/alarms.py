"""What brings a run up again: the fact that it is due, and the timers of its waits and its lease."""

from datetime import datetime
from typing import Literal

from shared.domain.events import RunDue
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.runs import OpenWait, Run
from shared.outbox import Alarm, Publication
from shared.ports import Data


def due_now(
    tenant: str,
    run: str,
    *,
    nth: int,
    node: str = "",
    seq: int = 0,
    alone: bool = False,
    conversation: str = "",
    child: str = "",
    asked: Literal["", "cancel", "stop"] = "",
) -> Publication:
    """Tell that a run has something to do; `nth` makes each telling another fact.

    With a `conversation` not its own, `seq` is a message there, and `node` and `nth` the wait it ends.
    """
    event_id = digest("run-due", tenant, run, str(nth), str(seq), child, asked, conversation)
    due = RunDue(
        event_id=event_id,
        tenant=tenant,
        run=run,
        node=node,
        nth=nth if node else 0,
        seq=seq,
        alone=alone,
        conversation=conversation,
        child=child,
        asked=asked,
    )
    return Publication.of(due)


def wait_alarm(tenant: str, run: Run, wait: OpenWait) -> Alarm:
    """The alarm that ends a wait when its time has come."""
    return _alarm(tenant, run.id, instant(wait.due), f"{run.thread}", node=wait.node, nth=wait.nth)


def look_again(tenant: str, run: str, due: datetime, why: str) -> Alarm:
    """The alarm by which somebody looks whether a run has anything to do."""
    return _alarm(tenant, run, due, why)


def _alarm(tenant: str, run: str, due: datetime, why: str, *, node: str = "", nth: int = 0) -> Alarm:
    name = digest("run", tenant, run, node, str(nth), why, stamp(due))
    payload: Data = {"event_id": name, "tenant": tenant, "run": run, "node": node, "nth": nth}
    return Alarm(name, due, "advance_run", payload)
