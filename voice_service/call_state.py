"""Keeps a call's document in step, beside the sound: changes that come together are one write."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from time import perf_counter
from typing import Any

import msgspec

from shared.desk.calls.document import edit_call
from shared.desk.services import Services
from shared.domain.calls import Call
from shared.domain.errors import Contested, FrontdeskError
from shared.domain.instants import stamp

log = logging.getLogger(__name__)

Edit = Callable[[Call], Call]
AGAIN = 0.5
"""Seconds after which a write that failed is tried again; what it holds is kept."""


class CallState:
    """One job's hold on a call. `lost` is set once another job has the call; nothing is written then."""

    def __init__(self, services: Services, tenant: str, call: Call) -> None:
        self.call = call
        self.lost = asyncio.Event()
        self.sync_ms: list[float] = []
        self.sync_failures = 0
        self._services = services
        self._tenant = tenant
        self._edits: list[Edit] = []
        self._since = 0.0
        self._writing: asyncio.Task[None] | None = None

    @classmethod
    async def claim(
        cls, services: Services, tenant: str, call: Call, *, job: str, worker: str
    ) -> "CallState":
        """Take the call for a job: from this commit on an older job's writes are refused.

        Raises Contested where the call is over.
        """

        def taken(before: Call, _: datetime) -> Call:
            if before.state == "ended":
                raise Contested(f"call {before.id} is over; nobody takes it")
            return msgspec.structs.replace(before, generation=before.generation + 1, job=job, worker=worker)

        return cls(services, tenant, await edit_call(services, tenant, call.id, taken))

    @property
    def now(self) -> str:
        """A stamp."""
        return stamp(self._services.ports.clock.now())

    def change(self, **fields: Any) -> None:
        """Set fields; written soon, with what else changes meanwhile."""
        self.edit(lambda call: msgspec.structs.replace(call, **fields))

    def edit(self, edit: Edit) -> None:
        """The same for a change that looks at the call as it is."""
        if self.lost.is_set():
            return
        self.call = edit(self.call)
        if not self._edits:
            self._since = perf_counter()
        self._edits.append(edit)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def settled(self) -> None:
        """Returns once all changes are written, or the call is lost."""
        while self._writing and not self._writing.done():
            await asyncio.shield(self._writing)

    async def _write(self) -> None:
        while self._edits and not self.lost.is_set():
            edits, since = tuple(self._edits), self._since
            self._edits.clear()

            def all_of_them(call: Call, _: datetime, edits: tuple[Edit, ...] = edits) -> Call:
                for edit in edits:
                    call = edit(call)
                return call

            try:
                written = await edit_call(
                    self._services, self._tenant, self.call.id, all_of_them, generation=self.call.generation
                )
            except Contested:
                self.lost.set()
            except FrontdeskError as error:
                self.sync_failures += 1
                log.warning("call.not_in_step", extra={"call": self.call.id, "why": str(error)})
                self._edits[:0] = edits
                await asyncio.sleep(AGAIN)
            else:
                self.sync_ms.append((perf_counter() - since) * 1000)
                for edit in self._edits:  # what changed during the write is still to come
                    written = edit(written)
                self.call = written
