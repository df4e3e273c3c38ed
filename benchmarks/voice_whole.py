"""How long a caller waits for an answer on the whole chain in realtime mode: real server, worker and caller.

From the last sound that leaves the caller's microphone to the first of the answer at their ear, beside
LiveKit's plain agent on the same server, the callers of both asking in turn. The stand-in for the model ends
a turn after 500 ms of quiet and thinks for 300; codec, jitter buffers and the ways to the server are real.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from benchmarks.figures import Figure, percentile
from benchmarks.talking import Talker, model
from benchmarks.voice_workers import ours, plain
from tests import speech
from tests.calls.caller import calling
from tests.livekit_server import cache
from voice_service.livekit_server import LiveKitServer, running

WARMING = 2  # turns of each side that are not counted
WHOLE = 2000
"""Milliseconds a caller may wait."""

SCRIPT: list[dict[str, object]] = [{"type": "Heard"}, {"type": "Says", "text": "There is nine o'clock."}]
BETWEEN = 2.5
"""Seconds after an answer begins until the other side's caller asks: by then it has been heard."""


def measure(*, quick: bool) -> list[Figure]:
    """What callers wait."""
    return asyncio.run(_measure(5 if quick else 30))


async def _measure(count: int) -> list[Figure]:
    with running(cache=cache()) as livekit, model(SCRIPT) as led:
        async with AsyncExitStack() as stack:
            talkers = dict[str, Talker]()
            for name, worker in (("ours", ours), ("LiveKit Agents", plain)):
                _, ring = await stack.enter_async_context(worker(livekit, led))
                talkers[name] = await stack.enter_async_context(_greeted(livekit, *await ring()))
            await asyncio.sleep(5)
            for number in range(count + WARMING):
                for name in sorted(talkers, reverse=bool(number % 2)):
                    await talkers[name].ask()
                    await asyncio.sleep(BETWEEN)
    waited = {name: talker.waited[WARMING:] for name, talker in talkers.items()}
    lost = sum(talker.unanswered for talker in talkers.values())
    return [
        Figure(
            what=f"a caller waits, {called}" + (f" ({lost} were never answered)" if lost else ""),
            ours=percentile(waited["ours"], part),
            yardstick=percentile(waited["LiveKit Agents"], part),
            of="LiveKit Agents",
            unit="ms",
            n=len(waited["ours"]),
            target=f"under {WHOLE:,} ms",
            holds=percentile(waited["ours"], part) < WHOLE,
        )
        for part, called in ((0.5, "p50"), (0.95, "p95"), (1.0, "the longest"))
    ]


@asynccontextmanager
async def _greeted(livekit: LiveKitServer, room: str, key: dict[str, str]) -> AsyncIterator[Talker]:
    async with calling(livekit, room, **key) as caller:
        await caller.hears(0, 60)
        yield Talker(caller, speech.tone(440, 0.8))
