"""What `run` does: begins a run, tells it something, takes it in hand, and prints it as it is then."""

import asyncio
from argparse import Namespace
from collections.abc import Awaitable, Callable

import msgspec

from shared.bootstrap import Process
from shared.cli.run_printed import print_run, print_runs
from shared.cli.shape import WrongUse
from shared.cli.whole_id import whole_id, whole_id_among
from shared.desk.runs.advance import advance_run
from shared.desk.runs.again import fork, retry
from shared.desk.runs.control import cancel, pause, resume
from shared.desk.runs.execute import execute
from shared.desk.runs.run_list import runs_of
from shared.desk.runs.signal import decide_approval, signal, signal_customer
from shared.desk.runs.start import Wanted
from shared.desk.runs.view import find_run
from shared.desk.services import Services
from shared.domain.colleagues import Actor
from shared.domain.events import RunDue
from shared.domain.identity import new_id
from shared.domain.runs import Run

_FIND = "the address of a conversation's page in the console, and GET /api/v1/inbox, tell ids"
HERE = Actor(name="the command line", role="owner")
_PATIENCE, _LOOKS = 30.0, 100
"""Seconds a run is waited for that goes on in another process, and how often it is looked at."""


async def run_asked(process: Process, chosen: Namespace) -> int:
    """Do it, and print the run as it is then."""
    services = await process.services()
    if chosen.does == "list":
        return await _list(services, chosen)
    if chosen.does == "tell":
        value = _json(chosen.value)
        customer = await whole_id(services.tenant(chosen.tenant), "customers", chosen.customer, find=_FIND)
        return print_runs(await signal_customer(services, chosen.tenant, customer, chosen.name, value))
    if chosen.does == "start":
        tenant, now = await _start(services, chosen)
    else:
        tenant, run = await _found(services, chosen.run)
        now = await _WAYS[chosen.does](services, tenant, run, chosen)
        if chosen.does != "show":
            now = await _gone_on(services, tenant, now.id)
    return await print_run(services, tenant, now)


async def _start(services: Services, chosen: Namespace) -> tuple[str, Run]:
    desk, _, name = chosen.workflow.partition("~")
    tenant = await services.versions.tenant_of(desk)
    if not name or tenant is None:
        raise WrongUse(f"{chosen.workflow!r} is no workflow; write DESK~NAME of a desk that is published")
    given = _json(chosen.input)
    if not isinstance(given, dict):
        raise WrongUse("--input is a JSON object, e.g. '{\"order\": 12}'")
    about = await _about(services, tenant, chosen)
    wanted = Wanted(
        workflow=name,
        input=given,
        conversation=about.get("conversation", ""),
        customer=about.get("customer", ""),
        by=HERE.name,
    )
    return tenant, await execute(services, tenant, desk, wanted, wait=max(0.0, chosen.wait))


async def _found(services: Services, typed: str) -> tuple[str, str]:
    """The business of a run, and its whole id. Raises NotThere, WrongUse."""
    tenants = sorted({tenant for tenant, _ in await services.versions.desks()})
    find = "`frontdesk run list --tenant T` lists them"
    return await whole_id_among(map(services.tenant, tenants), "runs", typed, find=find)


async def _about(services: Services, tenant: str, chosen: Namespace) -> dict[str, str]:
    """The conversation and the customer that are named, by their whole ids. Raises NotThere, WrongUse."""
    named = {"conversation": chosen.conversation, "customer": chosen.customer}
    store = services.tenant(tenant)
    return {
        kind: await whole_id(store, f"{kind}s", typed, find=_FIND) for kind, typed in named.items() if typed
    }


async def _gone_on(services: Services, tenant: str, run: str) -> Run:
    """The run once it went as far as it goes for now: here, or in the process that has it already."""
    await advance_run(services, RunDue(event_id=new_id(), tenant=tenant, run=run))
    store = services.tenant(tenant)
    now = await find_run(store, run)
    for _ in range(_LOOKS):
        if not now.lease:
            break
        await asyncio.sleep(_PATIENCE / _LOOKS)
        now = await find_run(store, run)
    return now


def _json(written: str) -> object:
    try:
        return msgspec.json.decode(written)
    except msgspec.DecodeError as error:
        raise WrongUse(f"{written!r} is no JSON: {error}") from error


_Way = Callable[[Services, str, str, Namespace], Awaitable[Run]]


def _decided(*, approved: bool) -> _Way:
    def way(services: Services, tenant: str, run: str, chosen: Namespace) -> Awaitable[Run]:
        step, note = chosen.step, chosen.note
        return decide_approval(services, tenant, run, step, approved=approved, note=note, by=HERE)

    return way


async def _as_it_is(services: Services, tenant: str, run: str, _: Namespace) -> Run:
    return await find_run(services.tenant(tenant), run)


_WAYS: dict[str, _Way] = {
    "show": _as_it_is,
    "signal": lambda services, tenant, run, chosen: signal(
        services, tenant, run, chosen.name, _json(chosen.value)
    ),
    "approve": _decided(approved=True),
    "reject": _decided(approved=False),
    "cancel": lambda services, tenant, run, _: cancel(services, tenant, run),
    "stop": lambda services, tenant, run, _: cancel(services, tenant, run, undo=False),
    "pause": lambda services, tenant, run, _: pause(services, tenant, run),
    "resume": lambda services, tenant, run, _: resume(services, tenant, run),
    "retry": lambda services, tenant, run, chosen: retry(services, tenant, run, chosen.step),
    "fork": lambda services, tenant, run, chosen: fork(services, tenant, run, chosen.step),
}


async def _list(services: Services, chosen: Namespace) -> int:
    page = await runs_of(
        services.tenant(chosen.tenant),
        limit=max(1, chosen.limit),
        status=chosen.status,
        desk=chosen.desk,
        workflow=chosen.workflow,
        **await _about(services, chosen.tenant, chosen),
    )
    return print_runs(page.runs)
