"""Documents, facts and timers in one transaction: all three are in one file, so no outbox lies between."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from shared.backends.embedded.bus import EmbeddedBus
from shared.backends.embedded.database import Database
from shared.backends.embedded.store import EmbeddedStore
from shared.backends.embedded.timers import EmbeddedTimers
from shared.ports import Data, Write


class EmbeddedTogether:
    """The Together port over parts that share one Database."""

    def __init__(
        self, database: Database, store: EmbeddedStore, bus: EmbeddedBus, timers: EmbeddedTimers
    ) -> None:
        self._database = database
        self._store = store
        self._bus = bus
        self._timers = timers

    async def commit(
        self,
        writes: Sequence[Write],
        *,
        facts: Sequence[tuple[str, bytes]],
        timers: Sequence[tuple[str, datetime, str, Data]],
    ) -> None:
        """All of it or none; what is due begins when it is durable."""
        documents = self._store.committing(writes)
        with self._bus.telling(facts) as tell, self._timers.setting(timers) as set_:

            def commit(connection: sqlite3.Connection) -> None:
                for operation in (documents, tell, set_):
                    operation(connection)

            await self._database.write(commit)
