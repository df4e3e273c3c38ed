"""What an agent takes beside its model, and how often it succeeds where questions fail.

The model waits a fixed time and answers what is asked: a form at once (simple), two calls of a tool and
then words (reasoning), a plan of three steps with a tool and a look back (code). Our share is the whole
less the questions' own time; the store is durable, synced at every commit. For the second table one
question in twenty fails and one in twenty is answered in no form at all. The targets are the wholes and
the rates that agents of each kind are to reach.
"""

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import uvloop

from benchmarks.agent_house import PatientModel, opened
from benchmarks.figures import Figure, median, percentile
from shared.agents import registry

KINDS = (
    ("simple", "classifier", 2.0, 0.99),
    ("reasoning", "thinker", 15.0, 0.95),
    ("code", "planner", 60.0, 0.85),
)
THINKS = 0.8  # seconds a question takes the model
FAILING = 0.05
WARMING = 2


async def _timed(name: str, count: int, seconds: float) -> tuple[list[float], list[float]]:
    """Milliseconds of the whole and of our share."""
    wholes, shares = [], []
    model = PatientModel(seconds)
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder), model) as means:
            for number in range(count + WARMING):
                asked, began = model.asked, perf_counter()
                result = await registry.run(
                    name, "What does it cost?", {}, replace(means, run=f"run-{number}")
                )
                took = (perf_counter() - began) * 1000
                if not result.success:
                    raise RuntimeError(result.error)
                if number >= WARMING:
                    wholes.append(took)
                    shares.append(took - (model.asked - asked) * seconds * 1000)
    return wholes, shares


async def _succeeding(name: str, count: int) -> float:
    """The share of executions that succeed while questions fail."""
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder), PatientModel(share=FAILING)) as means:
            done = [
                await registry.run(name, "What does it cost?", {}, replace(means, run=f"run-{number}"))
                for number in range(count)
            ]
    return sum(result.success for result in done) / count


def measure(*, quick: bool) -> list[Figure]:
    """Each kind in turn."""
    seconds, count, many = (0.02, 3, 20) if quick else (THINKS, 20, 1000)
    figures = []
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for kind, name, most, rate in KINDS:
            wholes, shares = runner.run(_timed(name, count, seconds))
            whole = percentile(wholes, 0.95) / 1000
            figures += [
                Figure(what=f"{kind}: our share, median", ours=median(shares), unit="ms", n=count),
                Figure(what=f"{kind}: our share, p95", ours=percentile(shares, 0.95), unit="ms", n=count),
                Figure(
                    what=f"{kind}: the whole with a model of {seconds:g} s a question, p95",
                    ours=whole,
                    unit="s",
                    n=count,
                    target=f"below {most:g} s",
                    holds=whole < most,
                ),
            ]
            found = runner.run(_succeeding(name, many))
            figures.append(
                Figure(
                    what=f"{kind}: succeeding while one question in ten fails or has no form",
                    ours=found * 100,
                    unit="%",
                    n=many,
                    target=f"at least {rate:.0%}",
                    holds=found >= rate,
                )
            )
    return figures
