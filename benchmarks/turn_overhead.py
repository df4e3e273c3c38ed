"""What a turn costs beside its model: from a message on the bus to the words handed to the channel, embedded.

Ours: the fact published on the bus (durable), delivered, recorded, the timer set and rung, the lease
taken, history read, the graph run with its checkpoints and effects, the answer committed, announced,
claimed, and `channel.send` called. The yardstick: the same two nodes and the same instant model in
LangGraph with its SQLite checkpointer, whose one call begins with the message and ends with the words;
it records no delivery, holds no lease and sends nothing. Both keep the write-ahead log synced, run in
this process and loop, warm, in turn; each sample is a conversation of its own whose history was laid
down before. The desk waits for no further words (debounce 0).
"""

import asyncio
import tempfile
from pathlib import Path
from time import perf_counter

import uvloop

from benchmarks import bench_house, langgraph_yardstick
from benchmarks.figures import Figure, median, percentile

WINDOW = 50  # messages a model is shown, as desks have it where their files say nothing
HISTORIES = (2, 20, 200)
WARMING = 3  # samples of each that are not counted


async def _sample(
    house: bench_house.House, yardstick: langgraph_yardstick.Yardstick, history: int, number: int, window: int
) -> tuple[float, float]:
    """Milliseconds of one turn of ours and of the yardstick's; which goes first changes with `number`."""
    name = f"91{history:04d}{window:03d}{number:05d}"
    await house.preload(name, history, window)
    await yardstick.preload(name, history)
    took = {}
    for side in ("ours", "theirs") if number % 2 else ("theirs", "ours"):
        began = perf_counter()
        await (house.turn(name) if side == "ours" else yardstick.turn(name))
        took[side] = (perf_counter() - began) * 1000
        if side == "ours":
            await house.quiet(name)
    return took["ours"], took["theirs"]


async def _measure(
    count: int, *, channel: str, tools: bool, window: int, histories: tuple[int, ...]
) -> dict[int, tuple[list[float], list[float]]]:
    found: dict[int, tuple[list[float], list[float]]] = {history: ([], []) for history in histories}
    with tempfile.TemporaryDirectory() as folder:
        async with (
            bench_house.opened(Path(folder), {}, channel=channel, window=window, tools=tools) as house,
            langgraph_yardstick.opened(Path(folder), tools=tools) as yardstick,
        ):
            for number in range(count + WARMING):
                for history, (ours, theirs) in found.items():  # in turn, for a machine's minutes differ
                    mine, its = await _sample(house, yardstick, history, number, window)
                    if number >= WARMING:
                        ours.append(mine)
                        theirs.append(its)
    return found


def measure(*, quick: bool) -> list[Figure]:
    """With one tool call on WhatsApp; without one; and with a window as long as the longest history."""
    count = 10 if quick else 100
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:

        def run(**how: object) -> dict[int, tuple[list[float], list[float]]]:
            return runner.run(_measure(count, **how))  # type: ignore[arg-type]

        tool = run(channel="whatsapp", tools=True, window=WINDOW, histories=HISTORIES)
        plain = run(channel="whatsapp", tools=False, window=WINDOW, histories=HISTORIES)
        whole = run(channel="whatsapp", tools=True, window=250, histories=(200,))
    figures = _lines("one tool call", tool) + _lines("no tool", plain)
    figures += _lines("one tool call, all 200 shown to the model", whole, judged=False)
    return figures


def _lines(
    what: str, found: dict[int, tuple[list[float], list[float]]], *, judged: bool = True
) -> list[Figure]:
    lines = []
    for history, (ours, theirs) in found.items():
        ratio = median(ours) / median(theirs)
        slow = f"p95 {percentile(ours, 0.95):.1f} / {percentile(theirs, 0.95):.1f}"
        lines.append(
            Figure(
                what=f"turn, {what}, history {history} ({slow})",
                ours=median(ours),
                yardstick=median(theirs),
                of="LangGraph",
                unit="ms",
                n=len(ours),
                target="at most 1.5 x" if judged else "",
                holds=ratio <= 1.5 if judged else None,
            )
        )
    if 2 in found and 200 in found:
        long, short = median(found[200][0]), median(found[2][0])
        lines.append(
            Figure(
                what=f"turn, {what}, history 200 against 2",
                ours=long,
                yardstick=short,
                of="ours at history 2",
                unit="ms",
                n=len(found[200][0]),
                target="at most 1.2 x",
                holds=long <= 1.2 * short,
            )
        )
    return lines
