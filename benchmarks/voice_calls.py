"""What one more call costs in realtime mode, in processor, memory, bandwidth, beside LiveKit's plain agent.

Both sides are a worker of LiveKit's in a process of its own with a job process a call, on the same real
server, the same stand-in for Gemini Live and the same callers, who ask and are answered all the time; local
inference is not preloaded. The sides take turns, and each is weighed with all its processes at 1, 2, 4, 6 and
8 calls: what one more adds is the slope. No more callers come once all of this would fill the machine, where
either side leaves callers in silence and a figure is the machine's. Ours also writes the call down,
has the desk's tools, judges what is said and watches the sound; the plain agent does none of that.
"""

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks.figures import Figure, median, percentile
from benchmarks.talking import Talker, model, talking
from benchmarks.voice_workers import Ring, ours, plain
from benchmarks.weight import slope, weigh
from tests.livekit_server import cache
from voice_service.livekit_server import LiveKitServer, running

SETTLES = 6.0
"""Seconds after the last caller came until weighing begins: by then the process in reserve is there again."""

FILLED = 0.8
"""Share of the machine, taken by all that is under measurement or measures, above which nobody else calls."""

MORE_MB, MORE_CORES, KBITS = 15.0, 0.03, 64.0


@dataclass(frozen=True, slots=True)
class Reading:
    """One side at so many calls."""

    calls: int
    pss: float  # MB
    cores: float
    out: float  # kbit/s of one call, caller to server
    back: float
    waited: list[float]
    unanswered: int
    unheard: int  # callers who came and heard no greeting
    filled: float  # share of the machine that all of this took, callers and model included


def measure(*, quick: bool) -> list[Figure]:
    """The slopes, their difference, and the bandwidth of a call."""
    counts, rounds, seconds = ((1, 2), 1, 5.0) if quick else ((1, 2, 4, 6, 8), 2, 20.0)
    return asyncio.run(_measure(counts, rounds, seconds))


async def _measure(counts: tuple[int, ...], rounds: int, seconds: float) -> list[Figure]:
    found: dict[str, list[Reading]] = {"ours": [], "plain": []}
    slopes: dict[str, list[tuple[float, float]]] = {"ours": [], "plain": []}
    with running(cache=cache()) as livekit, model() as led:
        for number in range(rounds):
            for side in ("ours", "plain") if number % 2 else ("plain", "ours"):
                worker = ours if side == "ours" else plain
                async with worker(livekit, led) as (pid, ring):
                    readings = await _step_by_step(livekit, pid, ring, counts, seconds)
                found[side] += readings
                slopes[side].append(
                    (
                        slope([(one.calls, one.pss) for one in readings]),
                        slope([(one.calls, one.cores) for one in readings]),
                    )
                )
                print(side, *(_told(one) for one in readings), f"load {os.getloadavg()[0]:.1f}", sep="\n  ")
    return _figures(found, slopes)


def _told(one: Reading) -> str:
    heard = f"{len(one.waited)} answers after {median(one.waited or [0]):.0f} ms, {one.unanswered} never"
    rates = f"{one.out:.0f} + {one.back:.0f} kbit/s a call"
    weight = f"{one.pss:.0f} MB, {one.cores * 100:.0f} % of a core, the machine to {one.filled:.0%}"
    unheard = f", {one.unheard} not greeted" if one.unheard else ""
    return f"{one.calls} calls: {weight}, {rates}, {heard}{unheard}"


async def _step_by_step(
    livekit: LiveKitServer, pid: int, ring: Ring, counts: tuple[int, ...], seconds: float
) -> list[Reading]:
    readings, talkers, unheard = list[Reading](), list[Talker](), 0
    async with AsyncExitStack() as stack:
        for count in counts:
            if unheard or (readings and readings[-1].filled * count / readings[-1].calls > FILLED):
                break
            while len(talkers) < count and not unheard:
                room, key = await ring()
                one = talking(livekit, room, after=0.9 * (len(talkers) % 4), **key)
                try:
                    talkers.append(await stack.enter_async_context(one))
                except TimeoutError:
                    unheard += 1
            await asyncio.sleep(SETTLES)
            for one in talkers:
                one.waited.clear()
                one.unanswered = 0
            traffic = await asyncio.gather(*(one.traffic() for one in talkers))
            before, all_before = weigh(pid, memory=False), weigh(os.getpid(), memory=False)
            await asyncio.sleep(seconds)
            cores = weigh(pid, memory=False).cores(before)
            filled = weigh(os.getpid(), memory=False).cores(all_before) / (os.cpu_count() or 1)
            later = await asyncio.gather(*(one.traffic() for one in talkers))
            rates = [
                tuple((now[way] - then[way]) * 8 / 1000 / (now[0] - then[0]) for way in (1, 2))
                for then, now in zip(traffic, later, strict=True)
            ]
            readings.append(
                Reading(
                    calls=len(talkers),
                    pss=weigh(pid).pss,
                    cores=cores,
                    out=sum(out for out, _ in rates) / len(talkers),
                    back=sum(back for _, back in rates) / len(talkers),
                    waited=[ms for one in talkers for ms in one.waited],
                    unanswered=sum(one.unanswered for one in talkers),
                    unheard=unheard,
                    filled=filled,
                )
            )
    return readings


def _figures(found: dict[str, list[Reading]], slopes: dict[str, list[tuple[float, float]]]) -> list[Figure]:
    memory, cores = (
        {side: median([one[part] for one in rounds]) for side, rounds in slopes.items()} for part in (0, 1)
    )
    n = len(slopes["ours"])
    counts = ", ".join(str(count) for count in sorted({one.calls for one in found["ours"]}))
    figures = [
        Figure(
            what=f"memory (PSS) of one more call, {counts} calls",
            ours=memory["ours"],
            yardstick=memory["plain"],
            of="LiveKit Agents",
            unit="MB",
            n=n,
            target=f"at most {MORE_MB:.0f} MB more",
            holds=memory["ours"] <= memory["plain"] + MORE_MB,
        ),
        Figure(
            what=f"processor of one more call, {counts} calls",
            ours=cores["ours"] * 100,
            yardstick=cores["plain"] * 100,
            of="LiveKit Agents",
            unit="% of a core",
            n=n,
            target=f"at most {MORE_CORES * 100:.0f} % more",
            holds=cores["ours"] <= cores["plain"] + MORE_CORES,
        ),
    ]
    for way, what in (("out", "from"), ("back", "to")):
        rates = {side: [getattr(one, way) for one in readings] for side, readings in found.items()}
        most = percentile(rates["ours"], 1)
        figures.append(
            Figure(
                what=f"bandwidth {what} a caller, the most of all readings, with IP and UDP",
                ours=most,
                yardstick=percentile(rates["plain"], 1),
                of="LiveKit Agents",
                unit="kbit/s",
                n=len(rates["ours"]),
                target=f"under {KBITS:.0f} kbit/s",
                holds=most < KBITS,
            )
        )
    waited = {side: [ms for one in readings for ms in one.waited] for side, readings in found.items()}
    figures.append(
        Figure(
            what="answers that callers never heard",
            ours=sum(one.unanswered for one in found["ours"]),
            yardstick=sum(one.unanswered for one in found["plain"]),
            of="LiveKit Agents",
            unit="",
            n=len(waited["ours"]),
        )
    )
    unheard = {side: sum(one.unheard for one in readings) for side, readings in found.items()}
    figures.append(
        Figure(
            what="callers who were never greeted",
            ours=unheard["ours"],
            yardstick=unheard["plain"],
            of="LiveKit Agents",
            unit="",
            n=sum(max(one.calls for one in readings) for readings in found.values()),
            target="none",
            holds=not unheard["ours"],
        )
    )
    return figures
