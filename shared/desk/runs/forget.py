"""Removes what customers said from runs that are over: their steps within days, then all other words."""

import contextlib

import msgspec

from shared.desk.each import Each
from shared.desk.runs.change import RunChange, change
from shared.desk.services import Services
from shared.domain.errors import NotThere
from shared.domain.instants import stamp
from shared.domain.runs import Run, read_run, thread_of, without_words
from shared.ports import Document, Query, Where
from shared.runs.checkpoints import StoreSaver

_PAGE = 100


async def forget_steps(services: Services) -> int:
    """Remove every tenant's checkpoints whose time has come; of how many runs.

    A run that cannot be read is told once all others are done.
    """
    total, each, cursor = 0, Each(), None
    due = (Where("steps_until", ">", ""), Where("steps_until", "<=", stamp(services.ports.clock.now())))
    while True:
        page = await services.platform.across_tenants("runs", Query(due, ("steps_until",), _PAGE, cursor))
        for document in page.documents:
            with each.one(path=document.path), contextlib.suppress(NotThere):
                await _forget(services, document)
                total += 1
        cursor = page.cursor
        if cursor is None:
            each.done()
            return total


async def forget_words(services: Services) -> int:
    """Remove what every tenant's runs were given and came to, of those whose time has come; of how many.

    One that cannot be forgotten keeps no other; why is raised when the others are done.
    """
    total, each, cursor = 0, Each(), None
    due = (Where("words_until", ">", ""), Where("words_until", "<=", stamp(services.ports.clock.now())))
    while True:
        page = await services.platform.across_tenants("runs", Query(due, ("words_until",), _PAGE, cursor))
        for document in page.documents:
            with each.one(path=document.path), contextlib.suppress(NotThere):
                _, tenant, *_ = document.path.split("/")
                run = read_run(document.data).id
                await change(services, services.tenant(tenant), run, _wordless)
                total += 1
        cursor = page.cursor
        if cursor is None:
            each.done()
            return total


def _wordless(run: Run) -> RunChange | None:
    return RunChange(run=without_words(run)) if run.words_until else None


async def _forget(services: Services, document: Document) -> None:
    _, tenant, *_ = document.path.split("/")
    store, run, ports = services.tenant(tenant), read_run(document.data), services.ports
    saver = StoreSaver(store, ports.clock, blobs=ports.blobs)
    for thread in range(run.thread + 1):
        await saver.adelete_thread(thread_of(msgspec.structs.replace(run, thread=thread)))
    await change(services, store, run.id, _forgotten)


def _forgotten(run: Run) -> RunChange | None:
    return RunChange(run=msgspec.structs.replace(run, steps_until="")) if run.steps_until else None
