"""Server-sent events: how a fact is written on the wire, and when a reader is woken."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from enum import Enum
from typing import Final, cast

import msgspec
from starlette.responses import StreamingResponse

from shared.ports import Data, Live


class Pulse(Enum):
    """Nothing happened for a beat."""

    BEAT = "beat"


BEAT: Final = Pulse.BEAT
HEARTBEAT: Final = b": beat\n\n"  # a comment, which readers skip and proxies take for life


def event(name: str, data: object, identity: int | None = None) -> bytes:
    """One event; JSON has no raw line break, so its data is one line."""
    mark = f"id: {identity}\n" if identity is not None else ""
    return f"event: {name}\n{mark}data: ".encode() + msgspec.json.encode(data) + b"\n\n"


async def pulses(live: Live, key: str, beat: float) -> AsyncGenerator[Data | Pulse | None]:
    """None at once and at every hint to read the store, each payload note, BEAT after `beat` quiet seconds.

    The watch is on before the first None is given, so what happens while its receiver reads is not lost.
    """
    watch = live.watch(key)
    note = asyncio.ensure_future(anext(watch))
    try:
        await asyncio.sleep(0)  # lets the watch begin
        yield None
        while True:
            await asyncio.wait({note}, timeout=beat)
            if not note.done():
                yield BEAT
                continue
            told = note.result()
            note = asyncio.ensure_future(anext(watch))
            yield told
    finally:
        note.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await note
        await cast("AsyncGenerator[Data | None]", watch).aclose()


def streaming(chunks: AsyncIterator[bytes]) -> StreamingResponse:
    """The response that carries events, which no proxy may hold back or keep."""
    headers = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
    return StreamingResponse(chunks, media_type="text/event-stream", headers=headers)
