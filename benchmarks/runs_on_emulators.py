"""The ten steps of `runs_steps` on Google's backend: official emulators, and the stand-in for Cloud Tasks.

A run is begun by the product's own verb and advanced in this process, so each of its commits goes to the
Firestore emulator and nothing waits for the Pub/Sub emulator, which looks for messages every 100 ms only. No
yardstick runs on Firestore. Beside it stand our own embedded side and a bare commit of two documents, as many
as a step writes, to the same emulator; all are taken in turn, round by round.
"""

import asyncio
import tempfile
from pathlib import Path
from time import perf_counter

import uvloop
from emulated import google_environment

from benchmarks import bench_house
from benchmarks.figures import Figure, median
from benchmarks.runs_steps import AT_ONCE, STEPS, Round, embedded, rounds_of
from shared.ports import Create, Store

COMMITS = 200
WINDOW = 20
"""Messages of a history, which no run here has."""


def measure(*, quick: bool) -> list[Figure]:
    """Steps a second at 1, 10 and 50 runs at once, and what a step adds to a run that is alone."""
    runs = dict.fromkeys(AT_ONCE, 4) if quick else {1: 20, 10: 60, 50: 150}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found, bare = runner.run(_measure(2 if quick else 5, runs))
    figures = []
    for at_once, (google, here) in found.items():
        what = f"a workflow of {STEPS} steps on the emulators, {at_once} at once"
        figures.append(_beside(what, google, here, "steps/s"))
    step = "a step of a run that is alone, on the emulators"
    google, here = ([1000 / rate for rate in side] for side in found[1])
    return [
        *figures,
        _beside(step, google, here, "ms"),
        _beside(step, google, bare, "ms", of="a bare commit of two documents"),
    ]


def _beside(
    what: str, google: list[float], other: list[float], unit: str, *, of: str = "ours embedded"
) -> Figure:
    return Figure(what=what, ours=median(google), yardstick=median(other), of=of, unit=unit, n=len(google))


async def _measure(
    rounds: int, runs: dict[int, int]
) -> tuple[dict[int, tuple[list[float], list[float]]], list[float]]:
    """Steps a second on the emulators and embedded, by how many runs at once, and the milliseconds of a bare
    commit; who goes first changes.
    """
    found: dict[int, tuple[list[float], list[float]]] = {at_once: ([], []) for at_once in runs}
    bare: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            google_environment() as environment,
            bench_house.opened(folder / "google", environment, channel="whatsapp", window=WINDOW) as house,
            embedded(folder) as here,
        ):
            sides: list[Round] = [await rounds_of(house.services), here]
            for side in sides:
                await side(20, 10)  # warm: the emulator is slow at first
            for number in range(rounds):
                bare.append(await _bare(house.services.ports.store, number))
                for at_once, count in runs.items():
                    for at in (0, 1) if number % 2 == 0 else (1, 0):
                        took = await sides[at](count, at_once)
                        found[at_once][at].append(count * STEPS / took)
    return found, bare


async def _bare(store: Store, number: int) -> float:
    """Milliseconds of a commit, one after the other."""
    began = perf_counter()
    for commit in range(COMMITS):
        names = (f"tenants/bench/bare/{number}-{commit}-{nth}" for nth in range(2))
        await store.commit([Create(name, {"text": "x" * 1000}) for name in names])
    return (perf_counter() - began) * 1000 / COMMITS
