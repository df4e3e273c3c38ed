"""Tells that a run asks for a decision: whoever may decide hears it, and the business's own systems."""

from datetime import datetime

from shared.domain.events import Happened
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.domain.runs import OpenWait, Run


def asks(tenant: str, run: Run, wait: OpenWait, now: datetime) -> Happened:
    """The fact, once for each time it asks. The question stays in the run: it may hold a customer's words."""
    return Happened(
        event_id=digest("run asks", tenant, run.id, str(run.thread), wait.node, str(wait.nth)),
        tenant=tenant,
        what="run.asks",
        at=stamp(now),
        conversation=run.conversation or None,
        data={
            "desk": run.desk,
            "run": run.id,
            "workflow": run.workflow,
            "step": wait.node,
            "role": wait.role,
            "due": wait.due,
            "reason": run.workflow.replace("_", " "),
        },
    )
