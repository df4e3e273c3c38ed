"""The one way a run's document changes: read it, decide, write it with all that goes with it as one."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from shared import outbox
from shared.desk import commit as conversations
from shared.desk.commit import Change
from shared.desk.retention import said_until
from shared.desk.runs.awaited import awaited
from shared.desk.runs.laid_aside import file_ends
from shared.desk.services import Services
from shared.desk.wake import runs_key, wake
from shared.domain.conversation import Head
from shared.domain.errors import AlreadyExists, NotThere, PreconditionFailed, Transient
from shared.domain.instants import instant, stamp
from shared.domain.runs import STILL, Run, as_document, read_run, run_path
from shared.outbox import Intent
from shared.ports import Put, Write
from shared.security.tenancy import TenantStore

ATTEMPTS = 25
"""How often a contended change is decided anew before its caller is told to come back later."""

OfHead = Callable[[Head, int], Change | None]
"""What a change does to the conversation, given its head and the revision it will make; None for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunChange:
    """What a decision wants: the new run, and what goes with it."""

    run: Run
    writes: Sequence[Write] = field(default=())
    intents: Sequence[Intent] = field(default=())
    conversation: OfHead | None = None


Decide = Callable[[Run], RunChange | None]


async def change(services: Services, store: TenantStore, run: str, decide: Decide) -> Run | None:
    """Carry out what `decide` wants on the run as it truly is; the run as written, None for no change.

    `decide` is called again after each lost race. Raises NotThere for an unknown run, whatever `decide`
    raises, Transient when contention does not end.
    """
    path = run_path(run)
    for attempt in range(ATTEMPTS):
        document = await store.get(path)
        if document is None:
            raise NotThere(f"run {run} is unknown; look at the list of runs")
        before = read_run(document.data)
        wanted = decide(before)
        if wanted is None:
            return None
        now = services.ports.clock.now()
        new = msgspec.structs.replace(wanted.run, rev=wanted.run.rev + 1, updated_at=stamp(now))
        until = await said_until(services, new.desk, now) if new.status in STILL else None
        new = msgspec.structs.replace(new, still_until=stamp(until) if until else "")
        own = await awaited(store, before, new)
        wanted = replace(wanted, writes=[*wanted.writes, *file_ends(before, new, now), *own])
        expires = instant(new.until) if new.until else None
        write = Put(path, as_document(new), version=document.version, expires=expires)
        try:
            await _written(services, store, new, wanted, write)
        except (AlreadyExists, PreconditionFailed) as lost:
            if not lost.path.endswith((path, *(one.path for one in own))):
                raise
            await asyncio.sleep(random.uniform(0, 0.005 * 2 ** min(attempt, 5)))
            continue
        if not new.lease:  # whoever holds it on tells of it when it stands somewhere
            await wake(services.ports, runs_key(store.tenant))
        return new
    raise Transient(f"run {run} is contended; nothing was changed", retry_after=1)


async def _written(services: Services, store: TenantStore, run: Run, wanted: RunChange, write: Put) -> None:
    """One commit of the run and what goes with it; with the conversation's head where that changes too."""
    of_head = wanted.conversation

    def decide(head: Head | None, rev: int) -> Change | None:
        told = of_head(head, rev) if of_head and head else None
        if told is None:
            return None
        return Change(
            head=told.head,
            writes=[write, *wanted.writes, *told.writes],
            intents=[*wanted.intents, *told.intents],
            why=told.why,
            told_until=told.told_until,
        )

    if of_head and run.conversation:
        done = await conversations.commit(services.ports, store, run.conversation, decide)
        if done is not None:
            return
    await outbox.commit(services.ports, store, [write, *wanted.writes], wanted.intents)
