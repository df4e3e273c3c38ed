"""A page that stays true: its parts are drawn anew when something happened, and sent where they changed."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from types import MappingProxyType

from shared.api.event_stream import BEAT, HEARTBEAT, Pulse, pulses
from shared.domain.errors import Transient
from shared.ports import Data, Live

Draw = Callable[[], Awaitable[Mapping[str, str]]]
"""Draws a page's parts: event name -> HTML."""
Note = Callable[[Data], Mapping[str, str]]
"""Draws what a passing note says, e.g. that somebody types."""


@dataclass(frozen=True, slots=True)
class Ring:
    """A key was woken of which the page is only told that it was."""

    event: str


_Told = Data | Pulse | Ring | None
_Woken = asyncio.Queue[_Told]

REST = 0.25
"""Seconds between two drawings, so that a burst is one."""


def part(event: str, html: str) -> bytes:
    """A part of a page as an event; every line of it is a data line."""
    lines = "".join(f"data: {line}\n" for line in html.split("\n"))
    return f"event: {event}\n{lines}\n".encode()


async def follow(
    live: Live,
    keys: Sequence[str],
    draw: Draw,
    *,
    note: Note | None = None,
    rings: Mapping[str, str] = MappingProxyType({}),
    still: Callable[[], Awaitable[bool]],
    beat: float = 15.0,
) -> AsyncGenerator[bytes]:
    """The events of a page that shows what stands behind some Live keys; ends when `still` says no.

    It is asked every `beat` seconds by the clock, before anything more is sent, however busy the keys are.
    Everything is drawn once at the beginning, so a reader that comes back has missed nothing.
    `rings` are Live keys whose waking is passed on as an event without content: key -> event name.
    """
    woken: _Woken = asyncio.Queue()
    listeners = [asyncio.create_task(_listen(live, key, beat, woken)) for key in keys]
    listeners += [
        asyncio.create_task(_listen(live, key, beat, woken, Ring(event))) for key, event in rings.items()
    ]
    shown: dict[str, str] = {}
    asked = monotonic()
    try:
        while True:
            batch = await _next(woken)
            if BEAT in batch or monotonic() - asked >= beat:
                if not await still():
                    return
                asked = monotonic()
            for event, html in [*_noted(batch, note), *_rung(batch)]:
                yield part(event, html)
            if None in batch:
                for event, html in (await _drawn(draw)).items():
                    if shown.get(event) != html:
                        shown[event] = html
                        yield part(event, html)
                await asyncio.sleep(REST)
            elif BEAT in batch:
                yield HEARTBEAT
    finally:
        for listener in listeners:
            listener.cancel()
        await asyncio.gather(*listeners, return_exceptions=True)


async def _next(woken: _Woken) -> list[_Told]:
    """What came since, at least one."""
    batch = [await woken.get()]
    while not woken.empty():
        batch.append(woken.get_nowait())
    return batch


def _noted(batch: Sequence[_Told], note: Note | None) -> list[tuple[str, str]]:
    notes = [told for told in batch if isinstance(told, dict)] if note else []
    return [one for told in notes for one in (note(told).items() if note else ())]


def _rung(batch: Sequence[_Told]) -> list[tuple[str, str]]:
    return [(event, "") for event in dict.fromkeys(one.event for one in batch if isinstance(one, Ring))]


async def _listen(live: Live, key: str, beat: float, woken: _Woken, ring: Ring | None = None) -> None:
    async for pulse in pulses(live, key, beat):
        woken.put_nowait(ring if ring and pulse is None else pulse)


async def _drawn(draw: Draw) -> Mapping[str, str]:
    try:
        return await draw()
    except Transient:  # what is out of reach now is drawn at the next word of it
        return {}
