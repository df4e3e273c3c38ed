"""Kills the process that advances runs at random moments, again and again, and counts what they did."""

import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from shared import bootstrap
from shared.config.settings import read_settings
from shared.desk.runs.control import resume
from shared.desk.runs.run_list import runs_of
from shared.domain.runs import OVER, Run, read_run
from shared.ports import Query
from tests.drills.tally import Tally

AT_ONCE = 20  # runs of one folder
KILLS, FULL = 12, 1000
LONGEST = 0.9
"""Seconds of the processor that a worker has before it is killed, at most: a busy machine gives it time."""
IDLE = 3.0
"""Seconds after which one that has nothing to do is killed as well."""
PATIENCE = 180.0
"""Seconds after the last death until every run must be over."""
ROOT = Path(__file__).resolve().parents[2]


async def drill(*, full: bool) -> Tally:
    """Every run ends, and does what it does once, however often its process died.

    One whose process dies again and again before it gets any further is set aside for people: they replay it
    once nothing is killed any more, and it ends like the others.
    """
    tally, dice = Tally("runs"), random.Random(7)
    killed = replayed = 0
    recoveries: list[float] = []
    while killed < (FULL if full else KILLS):
        with tempfile.TemporaryDirectory(prefix="frontdesk-runs-") as scratch:
            folder = Path(scratch)
            killed += await _killed(folder, (FULL if full else KILLS) - killed, dice)
            replayed += await _replay(folder)
            recoveries.append(await _recovery(folder))
            for told, wrong in (await _looked_at(folder)).items():
                tally.check(not wrong, f"{told}: {wrong}")
    tally.notes += [
        f"{killed} kills",
        f"{replayed} set aside and replayed",
        f"over {max(recoveries):.1f} s after the last death at the latest",
    ]
    return tally


async def _killed(folder: Path, most: int, dice: random.Random) -> int:
    """How often a worker was killed before there was nothing left to break."""
    begin, killed = AT_ONCE, 0
    async with _workers(folder) as worker:
        while killed < most:
            async with worker(begin) as process:
                await _has_worked(process, dice.uniform(0.01, LONGEST))
            if await _at_rest(folder):
                break  # this one came too late to break anything, and does not count
            killed, begin = killed + 1, 0
    return killed


async def _has_worked(process: int, seconds: float) -> None:
    """Wait until a process had so many seconds of the processor."""
    ends = time.monotonic() + IDLE
    while _worked(process) < seconds:
        await asyncio.sleep(0.01)
        if time.monotonic() > ends:
            break


def _worked(process: int) -> float:
    """Seconds of the processor that a process had, as Linux tells them."""
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def _recovery(folder: Path) -> float:
    """Seconds until all runs are over once nothing is killed any more."""
    began = time.monotonic()
    async with _workers(folder) as worker, worker(0):
        while time.monotonic() - began < PATIENCE:
            if await _at_rest(folder):
                break
            await asyncio.sleep(0.2)
    return time.monotonic() - began


async def _replay(folder: Path) -> int:
    """Go on with the runs that were set aside; how many there were."""
    async with _process(folder) as process:
        services = await process.services()
        aside = await runs_of(services.tenant("drill"), limit=300, status="parked")
        for run in aside.runs:
            await resume(services, "drill", run.id)
    return len(aside.runs)


@asynccontextmanager
async def _workers(folder: Path) -> AsyncIterator[Callable[[int], AbstractAsyncContextManager[int]]]:
    """A function for a worker that begins so many runs, and is killed when its block ends; with its id."""
    words = sys.executable, "-m", "tests.drills.run_worker", str(folder)
    ours = asyncio.subprocess.PIPE
    stem = await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdin=ours, stdout=ours)
    orders, answers = stem.stdin, stem.stdout
    assert orders is not None
    assert answers is not None

    @asynccontextmanager
    async def worker(begin: int) -> AsyncIterator[int]:
        orders.write(f"{begin}\n".encode())
        process = int(await asyncio.wait_for(answers.readline(), 120))
        try:
            yield process
        finally:
            os.kill(process, signal.SIGKILL)
            assert await answers.readline() == b"gone\n"

    try:
        yield worker
    finally:
        orders.close()
        await stem.wait()


async def _at_rest(folder: Path) -> bool:
    """Whether each run is over, or waits for people: set aside itself, or for a sub-run that is."""
    runs, _, _ = await _read(folder)
    aside = {run.id for run in runs if run.status == "parked"}
    begun = {run.input["n"] for run in runs if run.workflow == "errand"}
    return len(begun) == AT_ONCE and all(
        run.status in (*OVER, "parked") or aside & {wait.child for wait in run.waits} for run in runs
    )


async def _read(folder: Path) -> tuple[list[Run], list[dict[str, Any]], dict[str, list[str]]]:
    """The runs, the tickets, and what was said in each conversation."""
    async with _process(folder) as process:
        store = (await process.services()).tenant("drill")
        runs = await store.query("runs", Query(limit=300))
        tickets = await store.query("tickets", Query(limit=300))
        said: dict[str, list[str]] = {}
        for number in range(AT_ONCE):
            page = await store.query(f"conversations/talk{number}/messages", Query(order=("seq",)))
            said[f"talk{number}"] = [str(one.data["content"]["text"]) for one in page.documents]  # type: ignore[index]
    return (
        [read_run(one.data) for one in runs.documents],
        [dict(one.data) for one in tickets.documents],
        said,
    )


@asynccontextmanager
async def _process(folder: Path) -> AsyncIterator[bootstrap.Process]:
    told = {"FRONTDESK_DATA": str(folder)}
    process = bootstrap.Process(read_settings(told), told)
    try:
        yield process
    finally:
        await process.close()


async def _looked_at(folder: Path) -> dict[str, str]:
    """Each run, with what is wrong with what it did; empty where nothing is."""
    runs, tickets, said = await _read(folder)
    errands = {run.input["n"]: run for run in runs if run.workflow == "errand"}
    made = Counter(str(ticket["subject"]) for ticket in tickets)
    return {f"run {number}": _wrong(number, errands.get(number), made, said) for number in range(AT_ONCE)}


def _wrong(number: int, run: Run | None, made: Counter[str], said: dict[str, list[str]]) -> str:
    if run is None:
        return "lost"
    if run.status != "completed":
        return f"{run.status}: {run.error or run.waits}"
    steps = Counter(entry.node for entry in run.trace)
    if steps != Counter(dict.fromkeys(("first", "counted", "hello", "nap", "small", "second", "done"), 1)):
        return f"steps {dict(steps)}"
    tickets = {which: made[f"{which} of {number}"] for which in ("first", "second", "third")}
    if set(tickets.values()) != {1}:
        return f"tickets {tickets}"
    words = said[f"talk{number}"]
    return "" if words == [f"Hello {number}", "Done completed"] else f"said {words}"
