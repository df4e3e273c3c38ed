"""Removes what customers said from runs that are over: their steps within days, then all other words.

One that people paused, or that was set aside, and that nobody took up again is over by then.
"""

import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec

from shared.desk.commit import Change
from shared.desk.each import Each
from shared.desk.retention import UNKNOWN, receipts_until
from shared.desk.runs.alarms import due_now
from shared.desk.runs.change import RunChange, change
from shared.desk.runs.replanted import let_go
from shared.desk.runs.said import awaiting
from shared.desk.services import Services
from shared.domain.conversation import Head
from shared.domain.errors import NotThere
from shared.domain.instants import instant, stamp
from shared.domain.runs import LISTED, Run, ended, read_run, thread_of, without_words
from shared.outbox import Intent
from shared.ports import Query, Where
from shared.runs.checkpoints import StoreSaver
from shared.security.tenancy import TenantStore

_PAGE = 100
_Forget = Callable[[Services, TenantStore, Run], Awaitable[None]]


async def end_still(services: Services) -> int:
    """End every tenant's runs that stood still until their time was up, undoing nothing; how many."""
    return await _each_due(services, "still_until", _end)


async def forget_steps(services: Services) -> int:
    """Remove every tenant's checkpoints whose time has come; of how many runs."""
    return await _each_due(services, "steps_until", _forget)


async def forget_words(services: Services) -> int:
    """Remove what every tenant's runs were given and came to, of those whose time has come; of how many."""
    return await _each_due(services, "words_until", _unsay)


async def _each_due(services: Services, field: str, forget: _Forget) -> int:
    """Do it to every run whose time by a field has come; to how many.

    A run that breaks keeps no other; why is raised when the others are done.
    """
    total, each, cursor = 0, Each(), None
    due = (Where(field, ">", ""), Where(field, "<=", stamp(services.ports.clock.now())))
    while True:
        query = Query(due, (field,), _PAGE, cursor, LISTED)
        page = await services.platform.across_tenants("runs", query)
        for document in page.documents:
            with each.one(path=document.path), contextlib.suppress(NotThere):
                _, tenant, *_ = document.path.split("/")
                await forget(services, services.tenant(tenant), read_run(document.data))
                total += 1
        cursor = page.cursor
        if cursor is None:
            each.done()
            return total


async def _end(services: Services, store: TenantStore, run: Run) -> None:
    """End a run that stands still, whatever keeps it from going on, and forget its words with that."""
    now = services.ports.clock.now()
    published = await services.versions.published(run.desk)
    until = receipts_until(published.config, now) if published else now + UNKNOWN

    def decide(found: Run) -> RunChange | None:
        if not found.still_until or instant(found.still_until) > now:
            return None  # somebody took it up, or told it something
        return _ended(store.tenant, found, now, until)

    await change(services, store, run.id, decide)


def _ended(tenant: str, before: Run, now: datetime, until: datetime) -> RunChange:
    days = (now - instant(before.updated_at)).days
    over = without_words(ended(before, before.ends_as or "cancelled", now, words_until=now, until=until))
    over = msgspec.structs.replace(
        over, lease="", lease_until="", ends_as="", error=f"it was not taken up again for {days} days"
    )
    intents: list[Intent] = [*let_go(tenant, msgspec.structs.replace(before, asked="stop"), over)]
    if over.parent:
        intents.append(due_now(tenant, over.parent, nth=0, child=over.id))

    def of_head(head: Head, _: int) -> Change:
        return Change(head=awaiting(head, over))

    return RunChange(run=over, intents=intents, conversation=of_head)


async def _unsay(services: Services, store: TenantStore, run: Run) -> None:
    def decide(found: Run) -> RunChange | None:
        return RunChange(run=without_words(found)) if found.words_until else None

    await change(services, store, run.id, decide)


async def _forget(services: Services, store: TenantStore, run: Run) -> None:
    ports = services.ports
    saver = StoreSaver(store, ports.clock, blobs=ports.blobs)
    for thread in range(run.thread + 1):
        await saver.adelete_thread(thread_of(msgspec.structs.replace(run, thread=thread)))

    def decide(found: Run) -> RunChange | None:
        return RunChange(run=msgspec.structs.replace(found, steps_until="")) if found.steps_until else None

    await change(services, store, run.id, decide)
