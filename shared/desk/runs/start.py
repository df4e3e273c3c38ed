"""Begins a run of a desk's workflow, once under its name."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

from shared import outbox
from shared.config.versions import Published
from shared.config.workflows import Workflow
from shared.desk.runs.alarms import due_now, look_again
from shared.desk.runs.change import ATTEMPTS
from shared.desk.runs.laid_aside import file_ends, laid_aside
from shared.desk.runs.lease import leased
from shared.desk.runs.places import place_of, taken, taking
from shared.desk.services import Services
from shared.desk.wake import runs_key, wake
from shared.domain.errors import AlreadyExists, NotThere, PreconditionFailed, Transient
from shared.domain.identity import digest, new_id
from shared.domain.instants import stamp
from shared.domain.runs import GIVEN_THERE, Run, as_document, check_given, read_run, run_path
from shared.outbox import Intent
from shared.ports import Create, Write
from shared.runs.definitions import Definition
from shared.runs.state import begin
from shared.security.tenancy import TenantStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a run is begun with. `once` makes it one run however often it is asked for."""

    workflow: str
    input: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    conversation: str = ""
    customer: str = ""
    once: str = ""
    by: str = ""
    about: str = ""
    fact_at: str = ""
    id: str = ""  # of a sub-run, which its parent names
    parent: str = ""
    node: str = ""
    turn: str = ""  # in whose place it answers the messages up to `upto`
    upto: int = 0


async def start_run(services: Services, tenant: str, desk: str, wanted: Wanted) -> Run:
    """The run, begun now or before under the same name; somebody advances it soon. Raises NotThere."""
    run = await prepared(services, tenant, desk, wanted)
    due, place = due_now(tenant, run.id, nth=0), await _places(services, run)
    return await created(services, services.tenant(tenant), run, [due], place)


async def start_alone(services: Services, tenant: str, desk: str, wanted: Wanted) -> None:
    """As `start_run`, unless another is under way in its place, or had a newer fact of what it is about."""
    store, now = services.tenant(tenant), services.ports.clock.now()
    run = await prepared(services, tenant, desk, wanted)
    place = place_of(await _workflow(services, run), run)
    for attempt in range(ATTEMPTS):
        places = await taking(store, run, place, now)
        if places is None:
            return
        try:
            await created(services, store, run, [due_now(tenant, run.id, nth=0)], places)
        except (AlreadyExists, PreconditionFailed):  # another took it first: look again, out of step with it
            await asyncio.sleep(random.uniform(0, 0.005 * 2 ** min(attempt, 5)))
        else:
            return
    raise Transient(f"many begin {wanted.workflow} at once; nothing was begun", retry_after=1)


async def start_here(services: Services, tenant: str, desk: str, wanted: Wanted) -> tuple[Run, bool]:
    """As `start_run`, the caller having its lease and advancing it; False where it was begun before."""
    run = await prepared(services, tenant, desk, wanted, holder=new_id())
    rescue = look_again(tenant, run.id, services.ports.clock.now() + leased(services), "begun")
    place = await _places(services, run)
    found = await created(services, services.tenant(tenant), run, [rescue], place)
    return found, found.lease == run.lease


async def prepared(services: Services, tenant: str, desk: str, wanted: Wanted, *, holder: str = "") -> Run:
    """The run that is to be created, on the version its desk publishes. Raises NotThere, Permanent."""
    check_given(wanted.input, wanted.context)
    once = run_named(tenant, desk, wanted.workflow, wanted.once) if wanted.once else new_id()
    id_ = wanted.id or once
    sticky = wanted.customer or wanted.conversation or id_
    definition = await definition_of(services, tenant, desk, wanted.workflow, sticky)
    state = begin(id_, wanted.input, wanted.context)
    aside = await laid_aside(services, services.tenant(tenant), id_, state, most=GIVEN_THERE)
    now = services.ports.clock.now()
    return Run(
        id=id_,
        desk=desk,
        workflow=definition.name,
        version=definition.version,
        input={} if aside else wanted.input,
        context={} if aside else wanted.context,
        seed_at=aside,
        conversation=wanted.conversation,
        customer=wanted.customer,
        by=wanted.by,
        token=new_id(),
        about=wanted.about,
        fact_at=wanted.fact_at,
        parent=wanted.parent,
        parent_node=wanted.node,
        turn=wanted.turn,
        upto=wanted.upto,
        lease=holder,
        lease_until=stamp(now + leased(services)) if holder else "",
        fence=1 if holder else 0,
        created_at=stamp(now),
        updated_at=stamp(now),
    )


def run_named(tenant: str, desk: str, workflow: str, once: str) -> str:
    """The id of the run that is begun under a name."""
    return digest("run", tenant, desk, workflow, once)[:26]


async def created(
    services: Services, store: TenantStore, run: Run, intents: list[Intent], places: list[Write]
) -> Run:
    """The run as stored: this one with its places, or the one begun before under the same name.

    Raises AlreadyExists and PreconditionFailed for a place that another took meanwhile.
    """
    try:
        new = Create(run_path(run.id), as_document(run))
        ends = file_ends(None, run, services.ports.clock.now())
        await outbox.commit(services.ports, store, [new, *ends, *places], intents)
    except (AlreadyExists, PreconditionFailed):
        found = await store.get(run_path(run.id))
        if found is None:
            raise
        return read_run(found.data)
    await wake(services.ports, runs_key(store.tenant))
    return run


async def _places(services: Services, run: Run) -> list[Write]:
    """What tells that a run is under way which somebody asked for, also beside another."""
    place = place_of(await _workflow(services, run), run)
    return [taken(run, place, services.ports.clock.now())] if place else []


async def _workflow(services: Services, run: Run) -> Workflow | None:
    published = await services.versions.published(run.desk)
    return published.config.workflows.get(run.workflow) if published else None


async def definition_of(services: Services, tenant: str, desk: str, name: str, sticky: str) -> Definition:
    """The version a new run begins with. Raises NotThere."""
    published: Published | None = await services.versions.published(desk)
    if published is None or published.tenant != tenant:
        raise NotThere(f"there is no desk {desk!r} of this business; publish it first")
    return await services.definitions.chosen(published, name, sticky)
