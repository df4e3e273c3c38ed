"""Puts many runs to sleep, looks at what they cost while they do, and wakes those of one minute at once."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from shared import bootstrap
from shared.backends.embedded import open as embedded
from shared.config.settings import read_settings
from shared.config.validate import validate
from shared.desk.runs.advance import advance_run
from shared.desk.runs.start import Wanted, start_run
from shared.desk.services import Services
from shared.domain.deliveries import Delivery, Firing
from shared.domain.events import RunDue
from shared.domain.instants import stamp
from shared.domain.runs import Run, read_run
from shared.ports import Query
from tests.drills.tally import Tally

SLEEPING, DUE = 300, 60
FULL_SLEEPING, FULL_DUE = 100_000, 10_000
LOOKED_AT = 3.0
"""Seconds for which it is looked what sleep costs."""
SOON, FAR = timedelta(days=1), timedelta(days=200)
PAGE = 500
DESK = """
version: "1.0"
tenant: {id: drill, name: Drill}
desk: {id: drill, name: Drill, timezone: UTC, use_case: support}
channels: {webchat: {enabled: true}}
workflows:
  nap:
    nodes:
      - id: sleep
        wait: {until: input.until}
      - id: up
        set: {n: input.n}
"""


@dataclass
class JumpingClock:
    """Goes as any clock does, and forward when told to."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True)
class Slept:
    """What came of it."""

    asleep: float  # a second, runs put to sleep
    idle: float  # of a second: the processor's while all slept
    late: float  # seconds until all that were due were over
    up: list[Run]
    still: list[Run]
    changed: int  # runs that were not due, and were touched


async def drill(*, full: bool) -> Tally:
    """Every run that is due wakes once, none other is touched, and sleep takes no time of the processor."""
    sleeping, due = (FULL_SLEEPING, FULL_DUE) if full else (SLEEPING, DUE)
    tally = Tally("sleep")
    with tempfile.TemporaryDirectory(prefix="frontdesk-sleep-") as scratch:
        slept = await sleep(Path(scratch), sleeping, due)
    for run in slept.up:
        steps = [entry.node for entry in run.trace]
        tally.check(["sleep", "up"] == steps, f"run {run.input['n']} did {steps}")
    tally.check(due == len(slept.up), f"{len(slept.up)} of {due} woke")
    tally.check(sleeping - due == len(slept.still), f"{len(slept.still)} of {sleeping - due} sleep on")
    tally.check(slept.changed == 0, f"{slept.changed} were touched that were not due")
    tally.notes += [
        f"{sleeping:,} put to sleep at {slept.asleep:.0f} a second",
        f"{slept.idle:.1%} of a processor while they slept",
        f"{due:,} due in one minute were over {slept.late:.1f} s later",
    ]
    return tally


async def sleep(folder: Path, sleeping: int, due: int) -> Slept:
    """Put so many runs to sleep, and let the minute pass in which some of them are due."""
    clock = JumpingClock()
    own, embedded.EmbeddedClock = embedded.EmbeddedClock, lambda: clock  # type: ignore[misc, assignment]
    try:
        async with _process(folder) as (process, services):
            began, minute = time.monotonic(), clock.now() + SOON
            await _begin(services, minute, sleeping, due)
            await _quiet(process, clock)
            asleep = sleeping / (time.monotonic() - began)
            before = {run.id: run.rev for run in await _runs(services)}
            worked = time.process_time()
            await asyncio.sleep(LOOKED_AT)
            idle = (time.process_time() - worked) / LOOKED_AT
            clock.ahead += SOON + timedelta(minutes=1)
            began = time.monotonic()
            await _quiet(process, clock)
            late = time.monotonic() - began
            runs = await _runs(services)
    finally:
        embedded.EmbeddedClock = own  # type: ignore[misc]
    up = [run for run in runs if run.status == "completed"]
    still = [run for run in runs if run.status == "waiting"]
    changed = sum(run.rev != before[run.id] for run in still)
    return Slept(asleep, idle, late, up, still, changed)


@asynccontextmanager
async def _process(folder: Path) -> AsyncIterator[tuple[bootstrap.Process, Services]]:
    """A process that advances runs on a folder."""
    told = {"FRONTDESK_DATA": str(folder)}
    process = bootstrap.Process(read_settings(told), told)
    services = await process.services()

    async def deliver(delivery: Delivery) -> None:
        if delivery.handler == "advance_run":
            await advance_run(services, RunDue.decode(delivery.body))

    async def fire(firing: Firing) -> None:
        await advance_run(services, RunDue.decode(msgspec.json.encode(firing.payload)))

    opened = process.opened
    loops = [asyncio.create_task(opened.bus.run(deliver)), asyncio.create_task(opened.timers.run(fire))]
    try:
        yield process, services
    finally:
        await process.close()
        for one in loops:
            one.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


async def _begin(services: Services, minute: datetime, sleeping: int, due: int) -> None:
    """Begin them: some are due within the minute, the others in half a year."""
    validated = validate(DESK.encode())
    assert validated.config is not None, validated.problems
    await services.versions.publish_text(validated, text=DESK, origin="file", by="drill")
    for first in range(0, sleeping, PAGE):
        await asyncio.gather(
            *(
                start_run(
                    services,
                    "drill",
                    "drill",
                    Wanted(workflow="nap", input={"n": n, "until": stamp(_until(n, minute, due))}),
                )
                for n in range(first, min(first + PAGE, sleeping))
            )
        )


def _until(n: int, minute: datetime, due: int) -> datetime:
    return minute + timedelta(seconds=n % 60) if n < due else minute + FAR + timedelta(seconds=n)


async def _quiet(process: bootstrap.Process, clock: JumpingClock) -> None:
    """Until nothing is due and nothing is under way."""
    sql = "SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 'waiting' AND due <= ?)"
    while True:
        soon = int((clock.now() + timedelta(seconds=20)).timestamp() * 1_000_000)  # a lease under way
        database = process.opened.databases[0]
        (busy,) = await database.read(lambda connection, at=soon: connection.execute(sql, (at,)).fetchone())
        if not busy:
            return
        await asyncio.sleep(0.05)


async def _runs(services: Services) -> list[Run]:
    found: list[Run] = []
    cursor: str | None = None
    while True:
        page = await services.tenant("drill").query("runs", Query(limit=PAGE, cursor=cursor))
        found += [read_run(document.data) for document in page.documents]
        if page.cursor is None:
            return found
        cursor = page.cursor
