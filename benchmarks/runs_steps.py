"""Steps a second of a workflow of ten steps that do nothing: ours embedded, LangGraph's SQLite saver, DBOS.

Ours: a run begun by the product's own verb and advanced in this process: its document, its lease, a
checkpoint a step with what the step wrote, and one commit at the end. LangGraph: the same ten nodes as a
chain on its own AsyncSqliteSaver, `durability="sync"`, its write-ahead log synced at every commit, as ours
is. DBOS 3.4.0 has a process, an environment and SQLite settings of its own. The three are taken in turn,
round by round; a round is so many runs, as many at once as the line says.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, TypedDict

import aiosqlite
import uvloop
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, StateGraph

from benchmarks.figures import Figure, median
from benchmarks.servers import ROOT
from shared import bootstrap
from shared.config.settings import read_settings
from shared.config.validate import validate
from shared.desk.runs.execute import execute
from shared.desk.runs.start import Wanted
from shared.desk.services import Services

STEPS = 10
AT_ONCE = (1, 10, 50)
Round = Callable[[int, int], Awaitable[float]]
"""Seconds that so many runs take, so many at once."""

DESK: dict[str, Any] = {
    "version": "1.0",
    "tenant": {"id": "bench", "name": "Bench"},
    "desk": {"id": "steps", "name": "Bench", "languages": ["en"], "timezone": "UTC", "use_case": "support"},
    "channels": {"webchat": {"enabled": True}},
    "workflows": {"ten": {"nodes": [{"id": f"s{n}", "set": {"n": f"`{n}`"}} for n in range(STEPS)]}},
}


async def _at_once(one: Callable[[], Awaitable[object]], runs: int, at_once: int) -> float:
    gate = asyncio.Semaphore(at_once)

    async def gated() -> None:
        async with gate:
            await one()

    began = perf_counter()
    await asyncio.gather(*(gated() for _ in range(runs)))
    return perf_counter() - began


async def rounds_of(services: Services) -> Round:
    """Rounds of the workflow on an installation, begun and advanced in this process."""
    text = json.dumps(DESK)
    validated = validate(text.encode())
    assert validated.config is not None, validated.problems
    await services.versions.publish_text(validated, text=text, origin="file", by="bench")

    async def one() -> None:
        run = await execute(services, "bench", "steps", Wanted(workflow="ten"), wait=600)
        assert run.status == "completed", run
        assert len(run.outputs) == STEPS

    return lambda runs, at_once: _at_once(one, runs, at_once)


@contextlib.asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[Round]:
    """Ours on one machine."""
    told = {"FRONTDESK_DATA": str(folder / "ours")}
    process = bootstrap.Process(read_settings(told), told)
    try:
        yield await rounds_of(await process.services())
    finally:
        await process.close()


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return one | other


class _State(TypedDict):
    outputs: Annotated[dict[str, Any], _merged]


def _node(number: int) -> Any:
    async def step(state: _State) -> dict[str, Any]:  # noqa: ARG001
        return {"outputs": {f"s{number}": {"n": number}}}

    return step


@contextlib.asynccontextmanager
async def _langgraph(folder: Path) -> AsyncIterator[Round]:
    builder = StateGraph(_State)
    for number in range(STEPS):
        builder.add_node(f"s{number}", _node(number))
        builder.add_edge(START if number == 0 else f"s{number - 1}", f"s{number}")
    async with aiosqlite.connect(folder / "langgraph.sqlite") as connection:
        saver = AsyncSqliteSaver(connection)
        await saver.setup()
        await connection.execute("PRAGMA synchronous = FULL")
        graph = builder.compile(checkpointer=saver)
        count = 0

        async def one() -> None:
            nonlocal count
            count += 1
            config: Any = {"configurable": {"thread_id": str(count)}}
            state = await graph.ainvoke({"outputs": {}}, config, durability="sync")
            assert len(state["outputs"]) == STEPS

        yield lambda runs, at_once: _at_once(one, runs, at_once)


@contextlib.asynccontextmanager
async def _dbos(folder: Path) -> AsyncIterator[Round]:
    told = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    process = await asyncio.create_subprocess_exec(
        ".venv-dbos/bin/python", "benchmarks/dbos_steps.py", str(folder / "dbos.sqlite"), cwd=ROOT, env=told,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout

    async def read() -> str:
        assert process.stdout
        return (await asyncio.wait_for(process.stdout.readline(), 300)).decode().strip()

    async def rounds(runs: int, at_once: int) -> float:
        assert process.stdin
        process.stdin.write(f"{runs} {at_once}\n".encode())
        return float(await read())

    try:
        if (said := await read()) != "ready":
            raise RuntimeError(f"DBOS did not begin: {said!r}")
        yield rounds
    finally:
        process.terminate()
        await process.wait()


async def _measure(rounds: int, runs: dict[int, int]) -> dict[int, dict[str, list[float]]]:
    """Steps a second of each, by how many runs at once; who goes first changes."""
    found: dict[int, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with embedded(folder) as ours, _langgraph(folder) as langgraph, _dbos(folder) as dbos:
            sides: dict[str, Round] = {"ours": ours, "LangGraph": langgraph, "DBOS": dbos}
            for side in sides.values():
                await side(2, 1)  # warm
            for number in range(rounds):
                for at_once, count in runs.items():
                    names = list(sides)
                    for side_name in names[number % 3 :] + names[: number % 3]:
                        took = await sides[side_name](count, at_once)
                        rates = found.setdefault(at_once, {}).setdefault(side_name, [])
                        rates.append(count * STEPS / took)
    return found


def measure(*, quick: bool) -> list[Figure]:
    """Steps a second at 1, 10 and 50 runs at once, against each yardstick."""
    subprocess.run([".ci/venv", ".venv-dbos", "benchmarks/requirements-dbos.txt"], cwd=ROOT, check=True)
    runs = dict.fromkeys(AT_ONCE, 4) if quick else {1: 100, 10: 100, 50: 200}
    rounds = 2 if quick else 9
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(_measure(rounds, runs))
    return [
        Figure(
            what=f"a workflow of {STEPS} steps, {at_once} at once",
            ours=median(rates["ours"]),
            yardstick=median(rates[name]),
            of=name,
            unit="steps/s",
            n=len(rates["ours"]),
            target="not below",
            holds=median(rates["ours"]) >= median(rates[name]),
        )
        for at_once, rates in found.items()
        for name in ("LangGraph", "DBOS")
    ]
