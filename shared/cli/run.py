"""`run`: a workflow's runs, begun, looked at, told things and controlled."""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from shared.bootstrap import Process
from shared.cli.layout import clock_of, columns, heading, say
from shared.cli.shape import FOUND, OK, WrongUse
from shared.desk.runs.advance import advance_run
from shared.desk.runs.again import fork, retry
from shared.desk.runs.control import cancel, pause, resume
from shared.desk.runs.execute import execute
from shared.desk.runs.run_list import runs_of
from shared.desk.runs.signal import decide_approval, signal, signal_customer
from shared.desk.runs.start import Wanted
from shared.desk.runs.view import find_run, shown
from shared.desk.services import Services
from shared.domain.colleagues import Actor
from shared.domain.errors import NotThere
from shared.domain.events import RunDue
from shared.domain.identity import new_id
from shared.domain.runs import Run, read_run, run_path

NAME = "run"
HELP = "begin, look at, tell and control runs of workflows"
EXAMPLE = "frontdesk run start front~intake --input '{\"order\": 12}'"
HERE = Actor(name="the command line", role="owner")

_ON_ONE = ("show", "signal", "approve", "reject", "cancel", "stop", "pause", "resume", "retry", "fork")
_PATIENCE, _LOOKS = 30.0, 100
"""Seconds a run is waited for that goes on in another process, and how often it is looked at."""


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    does = parser.add_subparsers(dest="does", required=True, metavar="DOES")
    start = does.add_parser("start", help="begin a run and wait for it")
    start.add_argument("workflow", metavar="DESK~NAME", help="the workflow, as `workflow list` shows it")
    start.add_argument("--input", default="{}", metavar="JSON", help="what it is given")
    start.add_argument("--conversation", default="", metavar="ID", help="the conversation it is about")
    start.add_argument("--customer", default="", metavar="ID", help="the customer it is about")
    start.add_argument("--wait", type=float, default=30.0, metavar="S", help="seconds to wait (default: 30)")
    listed = does.add_parser("list", help="the newest runs of a business")
    listed.add_argument("--tenant", required=True, metavar="T", help="id of the business")
    for name in ("status", "desk", "workflow", "conversation", "customer"):
        listed.add_argument(f"--{name}", metavar=name.upper(), help=f"of that {name} alone")
    listed.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many (default: 20)")
    tell = does.add_parser("tell", help="a signal to every run under way for a customer")
    tell.add_argument("name", metavar="NAME", help="the signal's name")
    tell.add_argument("--tenant", required=True, metavar="T", help="id of the business")
    tell.add_argument("--customer", required=True, metavar="ID", help="the customer's id")
    tell.add_argument("--value", default="null", metavar="JSON", help="what it carries")
    for name in _ON_ONE:
        one = does.add_parser(name, help=f"{name} a run")
        one.add_argument("run", metavar="RUN", help="the run's id")
        if name == "signal":
            one.add_argument("name", metavar="NAME", help="the signal's name")
            one.add_argument("--value", default="null", metavar="JSON", help="what it carries")
        if name in ("approve", "reject", "fork"):
            one.add_argument("step", metavar="STEP", help="the step's id")
        if name in ("approve", "reject"):
            one.add_argument("--note", default="", metavar="WORDS", help="why, for colleagues and the run")
        if name == "retry":
            one.add_argument("--step", default="", metavar="STEP", help="from there; else where it failed")


async def run(process: Process, chosen: Namespace) -> int:
    """Do it, and print the run as it is then."""
    services = await process.services()
    if chosen.does == "list":
        return await _list(services, chosen)
    if chosen.does == "tell":
        value = _json(chosen.value)
        return _rows(await signal_customer(services, chosen.tenant, chosen.customer, chosen.name, value))
    if chosen.does == "start":
        tenant, now = await _start(services, chosen)
    else:
        tenant, before = await _found(services, chosen.run)
        now = await _WAYS[chosen.does](services, tenant, before.id, chosen)
        if chosen.does != "show":
            now = await _gone_on(services, tenant, now.id)
    return await _print(services, tenant, now)


async def _start(services: Services, chosen: Namespace) -> tuple[str, Run]:
    desk, _, name = chosen.workflow.partition("~")
    tenant = await services.versions.tenant_of(desk)
    if not name or tenant is None:
        raise WrongUse(f"{chosen.workflow!r} is no workflow; write DESK~NAME of a desk that is published")
    given = _json(chosen.input)
    if not isinstance(given, dict):
        raise WrongUse("--input is a JSON object, e.g. '{\"order\": 12}'")
    wanted = Wanted(
        workflow=name,
        input=given,
        conversation=chosen.conversation,
        customer=chosen.customer,
        by=HERE.name,
    )
    return tenant, await execute(services, tenant, desk, wanted, wait=max(0.0, chosen.wait))


async def _found(services: Services, run: str) -> tuple[str, Run]:
    """The business of a run, and the run. Raises NotThere."""
    for tenant in sorted({tenant for tenant, _ in await services.versions.desks()}):
        document = await services.tenant(tenant).get(run_path(run))
        if document is not None:
            return tenant, read_run(document.data)
    raise NotThere(f"run {run} is unknown; `frontdesk run list --tenant T` lists them")


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
    document = await services.tenant(tenant).get(run_path(run))
    assert document is not None  # noqa: S101  it was there a moment ago
    return read_run(document.data)


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
        conversation=chosen.conversation,
        customer=chosen.customer,
    )
    return _rows(page.runs)


def _rows(runs: Sequence[Run]) -> int:
    if not runs:
        print("No runs.")
        return OK
    rows = [
        (one.id, one.status, f"{one.desk}~{one.workflow}", clock_of(one.created_at), one.error or _waits(one))
        for one in runs
    ]
    columns([("RUN", "STATUS", "WORKFLOW", "BEGUN (UTC)", "WHY"), *rows])
    return OK


def _waits(run: Run) -> str:
    """What a run waits for, in words."""
    return "; ".join(f"{wait.node} waits for {wait.question or wait.name or wait.kind}" for wait in run.waits)


async def _print(services: Services, tenant: str, now: Run) -> int:
    told = await shown(services, services.tenant(tenant), now)
    say(f"Run {now.id} of {now.desk}~{now.workflow}, version {now.version}: {now.status}.", rest="  ")
    if now.error:
        say(f"Why: {now.error}", rest="  ")
    if now.still_until:
        say(f"It ends by itself at {clock_of(now.still_until)} UTC unless somebody resumes it.", rest="  ")
    for wait in now.waits:
        until = f", until {clock_of(wait.due)} UTC" if wait.due else ""
        say(f"Waits in {wait.node} for {wait.question or wait.name or wait.kind}{until}.", rest="  ")
    nodes = told["trace"]["nodes"]
    if nodes:
        heading("Steps")
        rows = [
            (one["node_id"], one["kind"], f"{one['duration_ms'] / 1000:.1f} s", one.get("error", "done"))
            for one in nodes
        ]
        columns([("STEP", "KIND", "TOOK", "HOW IT WENT"), *rows])
    if told["outputs"]:
        heading("Outputs")
        print(msgspec.json.format(msgspec.json.encode(told["outputs"]), indent=2).decode())
    return FOUND if now.status in ("failed", "parked") else OK
