"""What a crew costs beside its model, a task: three agents one after the other, ours and CrewAI's.

Both models answer at once, once a task. Ours keeps each agent's execution and the crew's, synced to the
disk; CrewAI keeps its own record of tasks. `new` builds the crew first, as a service does that serves many;
ours is data and has nothing to build. The sides take turns on the same machine in the same minutes.
"""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from benchmarks.agent_house import PatientModel, opened
from benchmarks.figures import Figure, median, percentile
from shared.agents import registry

ROOT = Path(__file__).resolve().parent.parent
TASKS = 3
WARMING = 2
QUIET = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
    "OTEL_SDK_DISABLED": "true",
}
"""With these it makes no connection to anywhere."""


@asynccontextmanager
async def _crewai(folder: str) -> AsyncIterator[asyncio.subprocess.Process]:
    own = {"PATH": os.environ["PATH"], "HOME": folder, "CREWAI_STORAGE_DIR": folder, **QUIET}
    process = await asyncio.create_subprocess_exec(
        ".venv-crewai/bin/python", "benchmarks/crewai_crew.py", cwd=ROOT, env=own,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        if (said := await _read(process)) != "ready":
            raise RuntimeError(f"CrewAI did not begin: {said!r}")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _read(process: asyncio.subprocess.Process) -> str:
    assert process.stdout
    return (await asyncio.wait_for(process.stdout.readline(), 120)).decode().strip()


async def _kickoff(process: asyncio.subprocess.Process, how: str) -> float:
    """Milliseconds of one kickoff of theirs."""
    assert process.stdin
    process.stdin.write(f"{how}\n".encode())
    took, asked = (await _read(process)).split()
    if int(asked) != TASKS:
        raise RuntimeError(f"CrewAI asked its model {asked} times for {TASKS} tasks")
    return float(took)


async def _measure(count: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"ours": [], "new": [], "again": []}
    model = PatientModel()
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder), model) as means, _crewai(folder) as process:
            for number in range(count + WARMING):
                took = {how: await _kickoff(process, how) for how in ("new", "again")}
                asked, began = model.asked, perf_counter()
                result = await registry.run(
                    "party", "Plan a wedding.", {}, replace(means, run=f"run-{number}")
                )
                took["ours"] = (perf_counter() - began) * 1000
                if not result.success or model.asked - asked != TASKS:
                    raise RuntimeError(result.error or "ours asked its model too often")
                for side, ms in took.items() if number >= WARMING else ():
                    found[side].append(ms / TASKS)
    return found


def measure(*, quick: bool) -> list[Figure]:
    """A task's share of a kickoff, against a new crew and one that is used again."""
    subprocess.run([".ci/venv", ".venv-crewai", "benchmarks/requirements-crewai.txt"], cwd=ROOT, check=True)
    found = asyncio.run(_measure(3 if quick else 100))
    called = {"new": "a crew built for it", "again": "a crew that is there"}
    figures = []
    for side, words in called.items():
        for part, name in ((0.5, "median"), (0.95, "p95")):
            ours, theirs = (
                (median(found["ours"]), median(found[side]))
                if name == "median"
                else (percentile(found["ours"], part), percentile(found[side], part))
            )
            figures.append(
                Figure(
                    what=f"a task in sequence, {words}: {name}",
                    ours=ours,
                    yardstick=theirs,
                    of="CrewAI",
                    unit="ms",
                    n=len(found["ours"]),
                    target="below CrewAI's",
                    holds=ours < theirs,
                )
            )
    return figures
