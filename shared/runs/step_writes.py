"""Brings what LangGraph writes within a moment of a step into the one commit of that step's checkpoint."""

import asyncio
import contextlib
from dataclasses import dataclass, field

from shared.domain.errors import AlreadyExists, FrontdeskError
from shared.ports import Create, Put
from shared.security.tenancy import TenantStore

MOMENT = 0.005
"""Seconds a write waits for its checkpoint; LangGraph does not wait for the write before it goes on."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A write on hold, and whether a checkpoint took it along."""

    write: Create
    taken: asyncio.Future[bool]


@dataclass(slots=True)
class StepWrites:
    """The writes on hold, by thread and path, and the checkpoints of runs that have done no step yet."""

    store: TenantStore
    _held: dict[str, dict[str, _Held]] = field(default_factory=dict)
    _begun: dict[str, Put] = field(default_factory=dict)
    _late: set[asyncio.Task[None]] = field(default_factory=set)

    async def begin(self, thread: str, checkpoint: Put) -> None:
        """Keep the checkpoint of a run's input: with its first step where that comes at once, else alone.

        It may be written after this returned. A run that dies before has done nothing, and begins anew.
        """
        await self.flush(thread)
        self._begun[thread] = checkpoint
        asyncio.get_running_loop().call_later(MOMENT, self._waited, thread, checkpoint)

    async def flush(self, thread: str) -> None:
        """Write what `begin` kept back of a thread, for whoever reads it now."""
        begun = self._begun.pop(thread, None)
        if begun is not None:
            await self.store.commit([begun])

    async def create(self, thread: str, write: Create) -> None:
        """Written when this returns: with the thread's next checkpoint where that comes at once, else alone.

        One that is there already stays as it is.
        """
        held = _Held(write, asyncio.get_running_loop().create_future())
        held = self._held.setdefault(thread, {}).setdefault(write.path, held)
        await asyncio.wait({held.taken}, timeout=MOMENT)
        if self._held.get(thread, {}).get(write.path) is held:
            self._let_go(thread, write.path)
            held.taken.set_result(False)
        if not await held.taken:
            await self.store.create(write.path, write.data, expires=write.expires)

    async def checkpoint(self, thread: str, checkpoint: Put) -> None:
        """Commit a checkpoint with the writes that wait for it."""
        held = self._held.pop(thread, {}).values()
        begun = self._begun.pop(thread, None)
        checkpoints = [begun, checkpoint] if begun else [checkpoint]
        taken = False
        try:
            if held:
                taken = await self._commit_all(checkpoints, [one.write for one in held])
            if not taken:
                await self.store.commit(checkpoints)
        finally:
            for one in held:
                one.taken.set_result(taken)

    async def _commit_all(self, checkpoints: list[Put], writes: list[Create]) -> bool:
        """Whether all were written; where one was there already, none is, and each goes alone."""
        try:
            await self.store.commit([*writes, *checkpoints])
        except AlreadyExists:
            return False
        return True

    def _waited(self, thread: str, checkpoint: Put) -> None:
        if self._begun.get(thread) is checkpoint:
            late = asyncio.create_task(self._write_late(thread))
            self._late.add(late)
            late.add_done_callback(self._late.discard)

    async def _write_late(self, thread: str) -> None:
        with contextlib.suppress(FrontdeskError):  # the first step's checkpoint holds the same, and more
            await self.flush(thread)

    def _let_go(self, thread: str, path: str) -> None:
        held = self._held[thread]
        del held[path]
        if not held:
            del self._held[thread]
