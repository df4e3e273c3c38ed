"""Brings a step's writes and its checkpoint into one commit, for they come within a moment of each other."""

import asyncio
from dataclasses import dataclass, field

from shared.domain.errors import AlreadyExists
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
    """The writes on hold, by thread and path."""

    store: TenantStore
    _held: dict[str, dict[str, _Held]] = field(default_factory=dict)

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
        taken = False
        try:
            if held:
                taken = await self._commit_all(checkpoint, [one.write for one in held])
            if not taken:
                await self.store.commit([checkpoint])
        finally:
            for one in held:
                one.taken.set_result(taken)

    async def _commit_all(self, checkpoint: Put, writes: list[Create]) -> bool:
        """Whether all were written; where one was there already, none is, and each goes alone."""
        try:
            await self.store.commit([*writes, checkpoint])
        except AlreadyExists:
            return False
        return True

    def _let_go(self, thread: str, path: str) -> None:
        held = self._held[thread]
        del held[path]
        if not held:
            del self._held[thread]
