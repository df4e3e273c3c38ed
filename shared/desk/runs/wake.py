"""Takes up a run that is due: what woke it goes into its inbox, and one process gets the lease."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from shared.desk.commit import message_path, read_message
from shared.desk.lease import EARLY
from shared.desk.runs.alarms import look_again
from shared.desk.runs.change import RunChange, change
from shared.desk.runs.lease import leased
from shared.desk.services import Services
from shared.domain.errors import NotThere
from shared.domain.events import RunDue
from shared.domain.identity import new_id
from shared.domain.instants import instant, stamp
from shared.domain.runs import (
    OVER,
    STILL,
    Firing,
    OpenWait,
    Run,
    answers,
    ended_already,
    firing_id,
    heard_as,
    listens,
    read_run,
    reply_name,
    run_path,
)
from shared.security.tenancy import TenantStore

MOST_FAILURES = 8
"""Advances in a row that may be cut short, no step being done, before a run is set aside for people."""


async def got_further(services: Services, store: TenantStore, run: Run, steps: int) -> None:
    """Forget former failures of a run that was cut short after it had got further: it is not what breaks."""

    def decide(found: Run) -> RunChange | None:
        if found.fence != run.fence or steps <= found.seen:
            return None
        return RunChange(run=msgspec.structs.replace(found, failures=0, seen=steps))

    await change(services, store, run.id, decide)


@dataclass(frozen=True, slots=True)
class Held:
    """The right to advance a run: as it was taken, and whether an advance before died on the way."""

    run: Run
    resumes: bool


async def take(services: Services, store: TenantStore, due: RunDue) -> Held | None:
    """The right to advance it, or None where nothing is to be done or another has it.

    What woke it is kept in either case. One that another holds is looked at again when that lease ends.
    """
    told = await _told(store, due)
    now, holder = services.ports.clock.now(), new_id()
    resumes: list[bool] = []

    def decide(run: Run) -> RunChange | None:
        resumes.clear()
        if run.status in OVER:
            return None
        fired = _fired(run, due, services, told)
        run = msgspec.structs.replace(run, inbox=(*run.inbox, *fired))
        run = _replied(run, due) if due.seq and fired else run
        kept = RunChange(run=run) if fired else None
        if run.status in STILL:
            return kept
        if run.lease and now + EARLY < instant(run.lease_until):
            after = instant(run.lease_until) + timedelta(seconds=1)
            return RunChange(run=run, intents=[look_again(store.tenant, run.id, after, "held")])
        if run.status == "waiting" and not run.asked and not any(ends(one, run.waits) for one in run.inbox):
            return None
        cut = bool(run.lease)  # a lease that ran out is an advance that was not finished
        if run.failures + cut > MOST_FAILURES:
            why = run.error or "what advances it was cut short again and again; see the logs"
            return RunChange(run=msgspec.structs.replace(run, status="parked", lease="", error=why))
        resumes.append(cut or run.failures > 0)
        return RunChange(
            run=msgspec.structs.replace(
                run,
                status="running",
                lease=holder,
                lease_until=stamp(now + leased(services)),
                fence=run.fence + 1,
                failures=run.failures + cut,
            )
        )

    try:
        run = await change(services, store, due.run, decide)
    except NotThere:
        return None
    return Held(run, resumes[0]) if run is not None and run.lease == holder else None


async def _told(store: TenantStore, due: RunDue) -> dict[str, Any] | None:
    """What there is to know of what woke it: the message a customer wrote, or how a sub-run ended."""
    if due.seq:
        document = await store.get(run_path(due.run))
        run = read_run(document.data) if document else None
        words = await store.get(message_path(due.conversation or run.conversation, due.seq)) if run else None
        if words is None:
            return None
        message = read_message(words)
        content = message.content
        told = {"text": content.text, "choice": content.choice, "seq": due.seq, "at": message.at}
        return told | ({"conversation": due.conversation} if due.conversation else {})
    if due.child:
        document = await store.get(run_path(due.child))
        child = read_run(document.data) if document else None
        if child is None or child.status not in OVER:
            return None
        return {"status": child.status, "error": child.error, "money": child.money}
    return None


def _fired(run: Run, due: RunDue, services: Services, told: dict[str, Any] | None) -> list[Firing]:
    """The waits of a run that this ends."""
    now = services.ports.clock.now()
    if due.seq and _heard_before(run, due):
        return []  # told again, or overtaken by a newer one
    if due.alone and not listens(run):
        return []  # the desk answers it

    def fires(wait: OpenWait) -> bool:
        if due.child:
            return wait.child == due.child and told is not None
        same = (wait.node, wait.nth) == (due.node, due.nth)
        if due.seq:
            if told is None or wait.at > told["at"] or (due.conversation and not same):
                return False
            return answers(wait, told["text"], told["choice"])
        return same and bool(wait.due) and instant(wait.due) <= now + EARLY

    return [
        Firing(
            id=firing_id(run, wait),
            node=wait.node,
            nth=wait.nth,
            at=stamp(now),
            value=told,
            timed_out=told is None and wait.kind not in ("time", "retry"),
        )
        for wait in run.waits
        if fires(wait) and not ended_already(run, wait)
    ]


def _replied(run: Run, due: RunDue) -> Run:
    """The run, knowing that a message ended a wait of its."""
    if due.conversation:
        elsewhere = (*run.replied_elsewhere, reply_name(due.conversation, due.seq))
        return msgspec.structs.replace(run, replied_elsewhere=elsewhere)
    return msgspec.structs.replace(run, replied=(*run.replied, due.seq))


def _heard_before(run: Run, due: RunDue) -> bool:
    if due.conversation:
        return reply_name(due.conversation, due.seq) in run.replied_elsewhere
    return due.seq <= max(run.replied, default=0)


def ends(firing: Firing, waits: Sequence[OpenWait]) -> bool:
    """Whether it ends any of these waits: its own, or for a signal one for that name."""
    if firing.name:
        return any(heard_as(wait.kind, wait.name) == firing.name for wait in waits)
    return any((wait.node, wait.nth) == (firing.node, firing.nth) for wait in waits)
