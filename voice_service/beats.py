"""Each worker's sign of life, every second: the others take over the calls of one that gives none."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import msgspec

from shared.desk.commit import as_data
from shared.desk.services import Services
from shared.domain.errors import FrontdeskError, PreconditionFailed
from shared.domain.instants import instant, stamp
from shared.domain.workers import Beat, Carried, beat_path
from shared.ports import Delete, Document, Put, Query
from voice_service.rescue import move, rescued

log = logging.getLogger(__name__)

EVERY = 1.0
LOOKS_EVERY = 0.5
DEAD_AFTER = timedelta(seconds=3)
"""A worker without a sign for so long is dead, or cut off: LiveKit itself would tell after twenty seconds."""

MOST_WORKERS = 100


class Beats:
    """One worker's signs of life, and its eye on the others'. `carries` tells the calls of its jobs."""

    def __init__(self, services: Services, worker: str, carries: Callable[[], Sequence[Carried]]) -> None:
        self._services = services
        self._worker = worker
        self._carries = carries

    async def run(self) -> None:
        """Beat, and watch the others, until it is cancelled."""
        await asyncio.gather(self._each(EVERY, self.beat), self._each(LOOKS_EVERY, self.look))

    async def beat(self) -> None:
        """Say that this worker lives, and what it carries."""
        now = stamp(self._services.ports.clock.now())
        told = Beat(id=self._worker, at=now, calls=tuple(self._carries()))
        await self._services.platform.commit([Put(beat_path(self._worker), as_data(told))])

    async def look(self) -> None:
        """Take over the calls of workers that are dead."""
        page = await self._services.platform.query("workers", Query(limit=MOST_WORKERS))
        now = self._services.ports.clock.now()
        for document in page.documents:
            other = msgspec.convert(document.data, Beat)
            if other.id != self._worker and instant(other.at) + DEAD_AFTER < now:
                await self._bury(document, other)

    async def hand_on(self) -> None:
        """Send another worker's job to each call, since this worker stops."""
        for carried in self._carries():
            try:
                await move(self._services, carried)
            except FrontdeskError as error:
                log.warning("call.not_sent_on", extra={"call": carried.call, "why": str(error)})

    async def end(self) -> None:
        """Take the sign of life away; what is carried still is sent on as if its job were dead."""
        await asyncio.gather(*(rescued(self._services, carried) for carried in self._carries()))
        await self._services.platform.commit([Delete(beat_path(self._worker))])

    async def _bury(self, document: Document, dead: Beat) -> None:
        log.warning("worker.dead", extra={"worker": dead.id, "calls": len(dead.calls)})
        await asyncio.gather(*(rescued(self._services, carried) for carried in dead.calls))
        try:
            await self._services.platform.commit([Delete(document.path, version=document.version)])
        except PreconditionFailed:
            log.warning("worker.alive_after_all", extra={"worker": dead.id})

    async def _each(self, seconds: float, do: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await do()
            except FrontdeskError as error:
                log.warning("worker.not_beating", extra={"why": str(error)})
            await asyncio.sleep(seconds)
