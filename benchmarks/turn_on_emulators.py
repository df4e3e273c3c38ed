"""The same turn on Google's backend: the official emulators, and the stand-in for Cloud Tasks.

From the publishing of a message to the words handed to the channel, through Pub/Sub's pushes and the
queue's call. The emulator looks for messages every 100 ms, which no deployment does, so what passes
inside our handlers is shown by itself. No yardstick runs on Firestore; what is judged is that a long
history costs little more than a short one.
"""

import asyncio
import tempfile
from pathlib import Path
from time import perf_counter

import uvloop
from emulated import google_environment

from benchmarks import bench_house
from benchmarks.figures import Figure, median
from benchmarks.turn_overhead import HISTORIES, WINDOW

WARMING = 5  # samples of each history that are not counted
OURS = ("record_message", "take_turn", "send_reply")


def measure(*, quick: bool) -> list[Figure]:
    """Whole and inside the handlers, by the length of the history."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_measure(5 if quick else 30))


async def _measure(count: int) -> list[Figure]:
    figures = []
    inside: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with (
            google_environment() as google,
            bench_house.opened(Path(folder), google, channel="whatsapp", window=WINDOW) as house,
        ):
            found = await _samples(house, count)
    for history, (whole, own) in found.items():
        inside[history] = median(own)
        for what, samples in (("whole", whole), ("inside our handlers", own)):
            named = f"turn on the emulators, one tool call, history {history}, {what}"
            figures.append(Figure(what=named, ours=median(samples), unit="ms", n=count))
    figures.append(
        Figure(
            what="turn on the emulators, inside our handlers, history 200 against 2",
            ours=inside[200],
            yardstick=inside[2],
            of="ours at history 2",
            unit="ms",
            n=count,
            target="at most 1.2 x",
            holds=inside[200] <= 1.2 * inside[2],
        )
    )
    return figures


async def _samples(house: bench_house.House, count: int) -> dict[int, tuple[list[float], list[float]]]:
    """Milliseconds as a whole and inside the handlers, by history; in turn, for the emulators grow warm."""
    found: dict[int, tuple[list[float], list[float]]] = {history: ([], []) for history in HISTORIES}
    for sample in range(count + WARMING):
        for history, (whole, own) in found.items():
            name = f"92{history:04d}{sample:06d}"
            await house.preload(name, history, WINDOW)
            house.worked.clear()
            began = perf_counter()
            await house.turn(name)
            sent = perf_counter()
            await house.quiet(name)
            if sample >= WARMING:
                whole.append((sent - began) * 1000)
                own.append(_inside(house, sent) * 1000)
    return found


def _inside(house: bench_house.House, sent: float) -> float:
    """Seconds until `sent` in which one of the turn's handlers was at work; they follow one another."""
    return sum(
        max(0.0, min(ended, sent) - began) for handler, began, ended in house.worked if handler in OURS
    )
