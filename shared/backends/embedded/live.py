"""Wakes watchers in this process at once, and those of other processes through a table they read often."""

import asyncio
import contextlib
import sqlite3
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from os import urandom

from shared.backends.embedded.database import Database
from shared.backends.embedded.encoding import decode, encode
from shared.backends.embedded.jobs import microseconds
from shared.domain.errors import Transient
from shared.ports import Clock, Data

_LONGEST_QUEUE = 256
_KEPT = timedelta(minutes=1)
_ADD = "INSERT INTO notes (origin, key, note, at) VALUES (?, ?, ?, ?)"
# Looks at the oldest few alone, so that no note pays for many.
_OLD = (
    "DELETE FROM notes WHERE id IN"
    " (SELECT id FROM (SELECT id, at FROM notes ORDER BY id LIMIT 10) WHERE at < ?)"
)
_NEW = "SELECT id, key, note FROM notes WHERE id > ? AND origin <> ? ORDER BY id"


@dataclass(slots=True, eq=False)
class _Watcher:
    """What one watcher has not seen yet."""

    notes: deque[Data | None] = field(default_factory=deque)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, note: Data | None) -> None:
        if len(self.notes) >= _LONGEST_QUEUE:  # a watcher that slow is better off reading the Store
            self.notes.clear()
            note = None
        if note is not None or not self.notes or self.notes[-1] is not None:
            self.notes.append(note)
        self.woken.set()


class EmbeddedLive:
    """The Live port. Give it a Database of its own that is not `durable`: notes are hints, and come often."""

    def __init__(self, database: Database, clock: Clock, *, poll: float = 0.1) -> None:
        self._database = database
        self._clock = clock
        self._poll = poll
        self._origin = urandom(8).hex()
        self._watchers: dict[str, set[_Watcher]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def notify(self, key: str, note: Data | None = None) -> None:
        """Wake the watchers of a key. Never waits for them."""
        text = None if note is None else encode(note, f"note {key}")
        self._tell(key, note)
        now = self._clock.now()
        values = (self._origin, key, text, microseconds(now))

        def add(connection: sqlite3.Connection) -> None:
            connection.execute(_ADD, values)
            connection.execute(_OLD, (microseconds(now - _KEPT),))

        self._database.post(add)

    async def watch(self, key: str) -> AsyncIterator[Data | None]:
        """Yields at each notification from the moment it is first awaited."""
        watcher = _Watcher()
        self._watchers.setdefault(key, set()).add(watcher)
        try:
            self._read_others()
            while True:
                await watcher.woken.wait()
                watcher.woken.clear()
                while watcher.notes:
                    yield watcher.notes.popleft()
        finally:
            self._leave(key, watcher)

    async def close(self) -> None:
        """Stop reading; the database is closed by who opened it."""
        if self._reading:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading
            self._reading = None

    def _tell(self, key: str, note: Data | None) -> None:
        for watcher in self._watchers.get(key, ()):
            watcher.tell(note)

    def _leave(self, key: str, watcher: _Watcher) -> None:
        remaining = self._watchers.get(key, set())
        remaining.discard(watcher)
        if not remaining:
            self._watchers.pop(key, None)

    def _read_others(self) -> None:
        """Follow the table for as long as somebody watches."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        last: int | None = None
        while self._watchers:
            with contextlib.suppress(Transient):  # a hint lost; the next round reads on
                last = await self._catch_up(last)
            await asyncio.sleep(self._poll)

    async def _catch_up(self, last: int | None) -> int:
        """Tell what others wrote after `last`; the first time, only find out where the table ends."""
        if last is None:
            newest: int = await self._database.read(
                lambda connection: connection.execute("SELECT ifnull(max(id), 0) FROM notes").fetchone()[0]
            )
            return newest
        rows = await self._database.read(
            lambda connection: connection.execute(_NEW, (last, self._origin)).fetchall()
        )
        for _, key, note in rows:
            self._tell(key, None if note is None else decode(note))
        return rows[-1][0] if rows else last
