"""Measures the line: jitter, loss, made-up sound and bits a second, as WebRTC counts them."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from livekit import rtc

EVERY = 5.0
"""Seconds between two looks."""


@dataclass(slots=True)
class Quality:
    """What a call's line was like; None before the first look."""

    jitter_ms: float | None = None  # the worst that was seen, of what we hear
    loss: float | None = None  # share of the packets we should have had
    concealed: float | None = None  # share of the samples that were made up
    kbits: float | None = None  # a second, both ways


class Line:
    """Looks at one room's statistics while it lasts."""

    def __init__(self, room: rtc.Room) -> None:
        self.quality = Quality()
        self._room = room
        self._began = time.monotonic()

    async def run(self) -> None:
        """Look until the call is over."""
        while True:
            await asyncio.sleep(EVERY)
            await self.look()

    async def look(self) -> None:
        """Look once; a room that is not connected tells nothing."""
        if not self._room.isconnected():
            return
        stats = await self._room.get_rtc_stats()
        heard = [
            one.inbound_rtp for one in stats.subscriber_stats if one.WhichOneof("stats") == "inbound_rtp"
        ]
        said = [
            one.outbound_rtp for one in stats.publisher_stats if one.WhichOneof("stats") == "outbound_rtp"
        ]
        self._take([one for one in heard if one.stream.kind == "audio"], said)

    def _take(self, heard: list[Any], said: list[Any]) -> None:
        quality = self.quality
        if heard:
            came = sum(one.received.packets_received for one in heard)
            lost = sum(max(one.received.packets_lost, 0) for one in heard)
            samples = sum(one.inbound.total_samples_received for one in heard)
            made_up = sum(
                one.inbound.concealed_samples - one.inbound.silent_concealed_samples for one in heard
            )
            jitter = max(one.received.jitter for one in heard) * 1000
            quality.jitter_ms = round(max(jitter, quality.jitter_ms or 0.0), 1)
            quality.loss = round(lost / (came + lost), 4) if came + lost else 0.0
            quality.concealed = round(max(made_up, 0) / samples, 4) if samples else 0.0
        octets = sum(one.inbound.bytes_received + one.inbound.header_bytes_received for one in heard)
        octets += sum(one.sent.bytes_sent + one.outbound.header_bytes_sent for one in said)
        quality.kbits = round(octets * 8 / 1000 / max(time.monotonic() - self._began, 1.0), 1)
