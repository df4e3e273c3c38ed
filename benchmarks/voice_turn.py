"""What a platform adds to a turn, from the caller's last sound at the worker to the first of the answer.

Two comparisons, each with its sides in turn. A pipeline whose ears and mouth take no time and whose language
model waits 300 ms: the desk's own graph, LiveKit's plain agents, Pipecat (in an environment of its own). And
the realtime model: the desk, LiveKit's plain agents, both over the stand-in for Gemini Live, which ends
a caller's turn after 500 ms of quiet and thinks for 300. All answer at once when speech is over; what is left
without those waits is theirs.
"""

import asyncio
import contextlib
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from unittest import mock

from benchmarks.figures import Figure, percentile
from benchmarks.servers import ROOT
from benchmarks.talking import model
from voice_service.libraries import FOR_LIBRARIES

THINKS, QUIET, VENDOR_QUIET = 300, 200, 500
"""Milliseconds: the model's, until the detector tells the end of speech, until the realtime model does."""

WARMING = 3  # turns of each side that are not counted
SCRIPT: list[dict[str, object]] = [{"type": "Heard"}, {"type": "Says", "text": "There is nine o'clock."}]
PROCESSING = 500
"""Milliseconds that a desk may take, its model's included, once its caller has finished."""

Turn = Callable[[], Awaitable[float]]


def measure(*, quick: bool) -> list[Figure]:
    """The shares of each side, and how long ours takes in all."""
    subprocess.run([".ci/venv", ".venv-pipecat", "benchmarks/requirements-pipecat.txt"], cwd=ROOT, check=True)
    with model(SCRIPT, thinking=THINKS / 1000) as led, mock.patch.dict(os.environ, {**FOR_LIBRARIES, **led}):
        return asyncio.run(_measure(led, 5 if quick else 30))


async def _measure(led: dict[str, str], count: int) -> list[Figure]:
    from benchmarks import voice_sides  # noqa: PLC0415  its libraries read what was just set

    with tempfile.TemporaryDirectory() as folder:
        spoken = await _in_turn(
            {
                "ours": voice_sides.desk(Path(folder), THINKS / 1000),
                "LiveKit Agents": voice_sides.plain(THINKS / 1000),
                "Pipecat": _pipecat(),
            },
            count,
        )
    live = await _in_turn(
        {
            "ours": voice_sides.desk_realtime(led, VENDOR_QUIET),
            "LiveKit Agents": voice_sides.plain_realtime(led, VENDOR_QUIET),
        },
        count,
    )
    return [
        *_lines("pipeline", spoken, QUIET),
        *_lines("realtime", live, VENDOR_QUIET),
    ]


async def _in_turn(
    sides: dict[str, contextlib.AbstractAsyncContextManager[object]], count: int
) -> dict[str, list[float]]:
    """The milliseconds of each side's turns; who goes first changes."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    async with AsyncExitStack() as stack:
        turns: dict[str, Turn] = {}
        for name, side in sides.items():
            opened = await stack.enter_async_context(side)
            turns[name] = opened.turn  # type: ignore[attr-defined]
        names = list(turns)
        for number in range(count + WARMING):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                took = await turns[name]()
                if number >= WARMING:
                    found[name].append(took)
    return found


class _Line:
    """A process that takes a turn for every line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def turn(self) -> float:
        """One turn."""
        assert self._process.stdin
        self._process.stdin.write(b"\n")
        return float(await self.read())

    async def read(self) -> str:
        """What it says next."""
        assert self._process.stdout
        return (await asyncio.wait_for(self._process.stdout.readline(), 60)).decode().strip()


@asynccontextmanager
async def _pipecat() -> AsyncIterator[_Line]:
    told = {"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir(), "ORT_DISABLE_TELEMETRY": "1"}
    process = await asyncio.create_subprocess_exec(
        ".venv-pipecat/bin/python", "benchmarks/pipecat_turn.py", str(THINKS), cwd=ROOT, env=told,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        line = _Line(process)
        if (said := await line.read()) != "ready":
            raise RuntimeError(f"Pipecat did not begin: {said!r}")
        yield line
    finally:
        process.terminate()
        await process.wait()


def _lines(what: str, found: dict[str, list[float]], quiet: int) -> list[Figure]:
    shares = {name: [took - quiet - THINKS for took in times] for name, times in found.items()}
    n = len(found["ours"])
    lines = [
        Figure(
            what=f"{what}: the platform's share, {called}",
            ours=percentile(shares["ours"], part),
            yardstick=percentile(shares[name], part),
            of=name,
            unit="ms",
            n=n,
        )
        for part, called in ((0.5, "p50"), (0.95, "p95"))
        for name in shares
        if name != "ours"
    ]
    for part, called in ((0.5, "p50"), (0.95, "p95")):
        took = percentile(found["ours"], part) - quiet
        lines.append(
            Figure(
                what=f"{what}: end of the caller's turn to sound, with the model's {THINKS} ms, {called}",
                ours=took,
                unit="ms",
                n=n,
                target=f"under {PROCESSING} ms",
                holds=took < PROCESSING,
            )
        )
    return lines
