"""Prints runs: a table of them, or one with its steps, what it waits for, and what to do where it failed."""

import contextlib
from collections.abc import Sequence

import msgspec

from shared.cli.layout import clock_of, columns, heading, say
from shared.cli.shape import FOUND, OK
from shared.desk.runs.failed_at import failures
from shared.desk.runs.view import shown, standing, whole_trace
from shared.desk.services import Services
from shared.domain.errors import NotThere
from shared.domain.runs import Run
from shared.security.tenancy import TenantStore


def print_runs(runs: Sequence[Run]) -> int:
    """Print a table of them; the exit code."""
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


async def print_run(services: Services, tenant: str, now: Run) -> int:
    """Print a run with what can be done about it; the exit code."""
    store = services.tenant(tenant)
    told = await shown(services, store, now)
    say(f"Run {now.id} of {now.desk}~{now.workflow}, version {now.version}: {now.status}.", rest="  ")
    if now.error:
        say(f"Why: {now.error}", rest="  ")
    if now.still_until:
        say(f"It ends by itself at {clock_of(now.still_until)} UTC unless somebody resumes it.", rest="  ")
    for wait in now.waits:
        until = f", until {clock_of(wait.due)} UTC" if wait.due else ""
        say(f"Waits in {wait.node} for {wait.question or wait.name or wait.kind}{until}.", rest="  ")
        if wait.rule:
            say(f"Rule: {wait.rule}.", rest="  ")
    await _next(services, store, now)
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


async def _next(services: Services, store: TenantStore, now: Run) -> None:
    """Print how a run that failed or was set aside came to that, and the commands that go on from there."""
    if now.status == "parked":
        _commands(
            "Next",
            (f"run resume {now.id}", "goes on, once the cause is gone"),
            (f"run cancel {now.id}", "ends it and undoes what it did"),
            (f"run stop {now.id}", "ends it and undoes nothing"),
        )
    if now.status != "failed":
        return
    state = None
    with contextlib.suppress(NotThere):  # its definition is gone with its steps
        _, state = await standing(services, store, now)
    if state is None:
        again = f"run start {now.desk}~{now.workflow} --input JSON"
        _commands("Its steps are kept no more. Next", (again, "begins it anew"))
        return
    failed = failures(state, whole_trace(now, state))
    for one in failed:
        say(f"Step {one.step} failed {one.family}.", rest="  ")
    _commands(
        "Next",
        (f"run retry {now.id}", "does the failed step once more, and nothing that was done before"),
        *((f"run fork {now.id} {one.step}", "begins another run there; this one stays") for one in failed),
    )


def _commands(title: str, *rows: tuple[str, str]) -> None:
    print(f"{title}:")
    for command, does in rows:
        say(f"frontdesk {command}", indent="  ")
        say(does, indent="      ")
