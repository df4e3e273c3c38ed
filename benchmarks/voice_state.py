"""A call's state beside its sound: kept in step, who speaks, the voice's level, and the answering itself.

The model answers at once and calls one tool, the vendors of speech are their plugins without a network, the
store is the embedded one on this machine's disk. What is left is the product's own share.
"""

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable
from itertools import count
from time import perf_counter
from typing import Any

from benchmarks.bench_house import BenchProcess
from benchmarks.figures import Figure, median, percentile
from benchmarks.instant_model import TOOL
from shared.config.catalogue import Catalogue
from shared.config.validate import validate
from shared.config.versions import Published
from shared.desk.calls.begin import Ringing, begin
from shared.desk.services import Services
from voice_service.agents_of_call import AgentsOfCall
from voice_service.call_means import CallMeans
from voice_service.call_state import CallState
from voice_service.pipeline import Pipeline, orchestrated
from voice_service.transcript import Transcript

CALLS = 50
UPDATES, TRANSITIONS = 200, 100  # a second, over all calls
TIERS = [
    {"id": "standard", "tts": {"provider": "openai"}, "cost_per_minute": 0.01},
    {"id": "premium", "tts": {"provider": "elevenlabs"}, "cost_per_minute": 0.02},
]
DESK: dict[str, Any] = {
    "version": "1.0",
    "tenant": {"id": "bench", "name": "Bench"},
    "desk": {"id": "bench", "name": "Bench", "languages": ["en"], "timezone": "UTC", "use_case": "sales"},
    "agent": {"name": "Ben"},
    "channels": {"room": {"enabled": True}},
    "voice": {
        "enabled": True,
        "mode": "orchestrated",
        "stt": {"provider": "deepgram"},
        "tiers": {"levels": TIERS},
        "integration": {"cache_size": 0},
    },
    "tools": {TOOL: {}},
    "budgets": {"hour": 1e6, "day": 1e6, "month": 1e6, "conversation": 1e3},
}
KEYS = {"OPENAI_API_KEY": "k", "DEEPGRAM_API_KEY": "k", "ELEVENLABS_API_KEY": "k"}


class Calls:
    """An installation with calls under way, carried by nobody."""

    def __init__(self, process: BenchProcess, services: Services, published: Published) -> None:
        self._process = process
        self._services = services
        self._published = published
        self._numbers = count(1)

    async def begin(self) -> CallState:
        """A call that has begun and been taken."""
        name = f"call-{next(self._numbers)}"
        ringing = Ringing(id=name, direction="browser", account="bench", contact=name, room=name)
        call = await begin(self._services, self._published, ringing)
        return await CallState.claim(self._services, "bench", call, job=name, worker="bench")

    def agents(self, state: CallState) -> AgentsOfCall:
        """Who speaks on it."""
        return AgentsOfCall(self._services.tenant("bench"), state)

    async def pipeline(self, state: CallState) -> Pipeline:
        """Its pipeline, with nobody speaking into it."""
        store = self._services.tenant("bench")

        async def nobody() -> None:
            return None

        transcript = Transcript(
            self._services, store, lambda: state.call, self._published, after_heard=nobody
        )
        means = CallMeans.of(
            self._process.settings, self._services, store, state, self._published, transcript=transcript
        )
        return await orchestrated(means)


def measure(*, quick: bool) -> list[Figure]:
    """The figures."""
    return asyncio.run(_measure(seconds=2 if quick else 15, turns=20 if quick else 300))


async def _measure(*, seconds: float, turns: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        told = {"FRONTDESK_DATA": folder, **KEYS}
        process = BenchProcess(told)
        services = await process.services()
        validated = validate(json.dumps(DESK).encode(), Catalogue())
        assert validated.config is not None, validated.problems
        await services.versions.publish_text(validated, text=json.dumps(DESK), origin="file", by="bench")
        published = await services.versions.published("bench")
        assert published is not None
        calls = Calls(process, services, published)
        try:
            states = [await calls.begin() for _ in range(CALLS)]
            return [
                *await _updates(states, seconds),
                *await _transitions(calls, states, seconds),
                *await _switches(calls, turns // 5),
                *await _answers(calls, turns),
            ]
        finally:
            await process.close()


async def _at_rate(rate: int, seconds: float, do: Callable[[int], Awaitable[None]]) -> float:
    """Do it so often a second; how often a second it was in truth begun."""
    tasks, began = set(), perf_counter()
    number = 0
    while (now := perf_counter() - began) < seconds:
        while number < now * rate:
            tasks.add(asyncio.ensure_future(do(number)))
            number += 1
        await asyncio.sleep(0.002)
    await asyncio.gather(*tasks)
    return number / (perf_counter() - began)


async def _updates(states: list[CallState], seconds: float) -> list[Figure]:
    for state in states:
        state.sync_ms.clear()

    async def change(number: int) -> None:
        states[number % CALLS].change(context={"note": str(number)})

    rate = await _at_rate(UPDATES, seconds, change)
    for state in states:
        await state.settled()
    took = [ms for state in states for ms in state.sync_ms]
    failed = sum(state.sync_failures for state in states)
    return [
        Figure(
            what=f"state updates over {CALLS} calls, {failed} failed",
            ours=rate,
            unit="/s",
            n=round(rate * seconds),
            target=f"{UPDATES} a second",
            holds=rate >= UPDATES * 0.98 and not failed,
        ),
        *_times("state kept in step", took, 100),
    ]


async def _transitions(calls: Calls, states: list[CallState], seconds: float) -> list[Figure]:
    agents = [calls.agents(state) for state in states]
    took: list[float] = []

    async def become(number: int) -> None:
        began = perf_counter()
        # A specialist each time, so that every one is a change.
        await agents[number % CALLS].became(f"specialist-{number}", "bench")
        took.append((perf_counter() - began) * 1000)

    rate = await _at_rate(TRANSITIONS, seconds, become)
    for state in states:
        await state.settled()
    return [
        Figure(
            what=f"changes of who speaks over {CALLS} calls, each recorded",
            ours=rate,
            unit="/s",
            n=len(took),
            target=f"{TRANSITIONS} a second",
            holds=rate >= TRANSITIONS * 0.98,
        ),
        *_times("change of who speaks, recorded", took, 100),
    ]


async def _switches(calls: Calls, times: int) -> list[Figure]:
    took = []
    for _ in range(times):
        pipeline = await calls.pipeline(await calls.begin())
        change = await pipeline.tiers.consider(0.9)
        assert change is not None
        assert change.done
        took.append(change.ms)
        await pipeline.close()
    return _times("switch of the voice's level, with its budget", took, 200)


async def _answers(calls: Calls, turns: int) -> list[Figure]:
    first, whole = [], []
    pipeline = await calls.pipeline(await calls.begin())

    async def say(_: str) -> None:
        return None

    for number in range(turns):
        if number % 10 == 0:
            await pipeline.close()
            pipeline = await calls.pipeline(await calls.begin())
        answered = await pipeline.ways.answer(f"item-{number}", "Where is my order 42?", say)
        assert answered.way == "desk", answered
        assert answered.first_ms is not None
        first.append(answered.first_ms)
        whole.append(answered.ms)
    await pipeline.close()
    return [*_times("answering to its first words", first, 500), *_times("answering, committed", whole, 500)]


def _times(what: str, took: list[float], most: float) -> list[Figure]:
    high = percentile(took, 0.95)
    return [
        Figure(what=f"{what}: median", ours=median(took), unit="ms", n=len(took)),
        Figure(
            what=f"{what}: p95",
            ours=high,
            unit="ms",
            n=len(took),
            target=f"below {most:.0f} ms",
            holds=high < most,
        ),
    ]
