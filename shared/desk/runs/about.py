"""Keeps one run of a workflow for each thing it is about: a later fact replaces it, ends it, or tells it."""

import contextlib
from fnmatch import fnmatchcase

from shared.config.workflow_triggers import Triggers
from shared.config.workflows import Workflow
from shared.desk.runs.control import cancel
from shared.desk.runs.signal import signal
from shared.desk.services import Services
from shared.domain.errors import Permanent
from shared.domain.events import REPORTED, Happened
from shared.domain.runs import OVER, Run, read_run
from shared.ports import Query, Where
from shared.security.tenancy import TenantStore


def names_of(event: Happened) -> tuple[str, ...]:
    """What a fact is called: by its dotted name, and what a business reports also as customer.its_name."""
    own = str(event.data.get("event") or "")
    return (event.what, f"customer.{own}") if event.what == REPORTED and own else (event.what,)


def called(event: Happened, patterns: tuple[str, ...]) -> bool:
    """Whether a fact is one of those named; `ticket.*` stands for all that begin so."""
    return any(fnmatchcase(name, pattern) for name in names_of(event) for pattern in patterns)


def thing_of(desk: str, workflow: str, on: Triggers, event: Happened) -> str:
    """The thing of a workflow that a fact is about; empty where it is about none."""
    value = event.data.get(on.about) if on.about else None
    return f"{desk}~{workflow} {on.about} {value}" if value else ""


async def runs_about(store: TenantStore, thing: str) -> list[Run]:
    """The runs there were about a thing."""
    page = await store.query("runs", Query(where=(Where("about", "==", thing),)))
    return [read_run(document.data) for document in page.documents]


async def heed(services: Services, tenant: str, workflow: Workflow, runs: list[Run], event: Happened) -> None:
    """Do to the runs under way what a later fact about their thing asks; told twice, it is done once."""
    on = workflow.on
    for run in runs:
        if run.status in OVER or run.fact_at >= event.at:
            continue
        with contextlib.suppress(Permanent):  # it is over meanwhile
            if called(event, on.ends):
                await cancel(services, tenant, run.id)
            elif called(event, on.event):
                await cancel(services, tenant, run.id, undo=False)
            elif name := _waited_for(workflow, event):
                await signal(services, tenant, run.id, name, event.data, once=event.event_id)


def _waited_for(workflow: Workflow, event: Happened) -> str:
    """The signal that a fact is to a workflow: booking_late for booking.late, or as a business reports it."""
    waits = {node.wait.signal for node in workflow.nodes if node.wait and node.wait.signal}
    told = {name.removeprefix("customer.").replace(".", "_") for name in names_of(event)}
    return next(iter(sorted(waits & told)), "")
