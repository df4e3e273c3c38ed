"""Says things at chance moments and notes when each was heard: on a stream of events, or at the channel."""

import asyncio
import contextlib
import itertools
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import httpx
from starlette.requests import Request

from benchmarks.inbox_filled import Talk
from benchmarks.webhook_load import SECRET
from tests.standins.graph_api import GraphApi

LATEST = 20.0  # seconds until a message counts as lost
_SAID = re.compile(r"q\d{6}z")
_numbers = itertools.count()

Heard = dict[str, float]
"""Words -> when they were heard first."""
Say = Callable[[Talk, str], Awaitable[httpx.Response]]


class Graph(GraphApi):
    """The stand-in for the channel, noting when it was called."""

    def __init__(self) -> None:
        super().__init__(app_secret=SECRET)
        self.heard: Heard = {}

    def _take(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        _note(self.heard, str(body))
        return super()._take(request, body)


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of a page: where it is, who reads it, what was heard on it."""

    url: str
    headers: dict[str, str]
    heard: Heard
    begun: asyncio.Event

    async def listen(self, http: httpx.AsyncClient) -> None:
        """Read until cancelled."""
        rest = ""
        async with http.stream("GET", self.url, headers=self.headers, timeout=None) as answer:
            answer.raise_for_status()
            async for chunk in answer.aiter_text():
                *events, rest = (rest + chunk).split("\n\n")
                for rows in (one for one in events if "event: rows" in one):
                    _note(self.heard, rows)
                    self.begun.set()


@contextlib.asynccontextmanager
async def listening(
    http: httpx.AsyncClient, readers: Sequence[tuple[str, dict[str, str]]]
) -> AsyncIterator[list[Heard]]:
    """What is heard on the streams at these addresses, read with these headers; each was drawn once."""
    streams = [Stream(url, headers, {}, asyncio.Event()) for url, headers in readers]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one.listen(http)) for one in streams]
        async with asyncio.timeout(LATEST):
            await asyncio.gather(*(one.begun.wait() for one in streams))
        yield [one.heard for one in streams]
        for task in tasks:
            task.cancel()


async def times(
    talks: Sequence[Talk], say: Say, heard: Callable[[Talk], Heard], *, count: int, rate: float
) -> list[float]:
    """Milliseconds from saying to hearing, of `count` messages at chance moments, `rate` a second."""
    chance, began = random.Random(7), list[tuple[str, Talk, float]]()
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            words, talk = f"q{next(_numbers):06d}z", talks[number % len(talks)]
            began.append((words, talk, perf_counter()))
            group.create_task(_accepted(say(talk, words)))
            await asyncio.sleep(chance.expovariate(rate))
    give_up = perf_counter() + LATEST
    while lost := [words for words, talk, _ in began if words not in heard(talk)]:
        if perf_counter() > give_up:
            raise RuntimeError(f"{len(lost)} of {count} messages were never heard, {lost[0]} for one")
        await asyncio.sleep(0.05)
    return [(heard(talk)[words] - at) * 1000 for words, talk, at in began]


async def _accepted(answer: Awaitable[httpx.Response]) -> None:
    (await answer).raise_for_status()


def _note(heard: Heard, text: str) -> None:
    for words in _SAID.findall(text):
        heard.setdefault(words, perf_counter())
