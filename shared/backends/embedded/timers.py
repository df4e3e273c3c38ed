"""Instants kept for handlers on one machine: to the millisecond, across restarts, any distance ahead."""

import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from types import MappingProxyType

from shared.backends.embedded.database import Database, Operation
from shared.backends.embedded.encoding import decode, encode
from shared.backends.embedded.jobs import Job, Jobs, New, Pace, Subscription, microseconds
from shared.domain.deliveries import Firing
from shared.ports import Clock, Data

_REMEMBERED = timedelta(hours=1)  # as Cloud Tasks remembers the name of a task that ran


class EmbeddedTimers:
    """The Timers port. `handlers` says how often each is tried; one that is not named has the default."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handlers: Mapping[str, Subscription] = MappingProxyType({}),
        pace: Pace = Pace(),  # noqa: B008 - frozen
    ) -> None:
        self._database = database
        self._clock = clock
        self._handlers = handlers
        self._jobs = Jobs(database, clock, "timers", self._policy, pace, remember=_REMEMBERED)

    async def set(self, name: str, due: datetime, handler: str, payload: Data) -> None:
        """Durable when it returns. A name that is set already, or ended within the hour, changes nothing."""
        with self.setting([(name, due, handler, payload)]) as set_:
            await self._database.write(set_)

    def setting(
        self, timers: Sequence[tuple[str, datetime, str, Data]]
    ) -> AbstractContextManager[Operation[None]]:
        """The operation that sets timers (name, due, handler, payload), to be run in the block."""
        return self._jobs.adding(
            [
                New(
                    name=name,
                    handler=handler,
                    topic="timers",
                    body=encode(payload, f"timer {name}").encode(),
                    due=microseconds(due),
                )
                for name, due, handler, payload in timers
            ]
        )

    async def cancel(self, name: str) -> None:
        """Forget it; one that is gone is no error. Its name stays taken for an hour."""

        def forget(connection: sqlite3.Connection) -> None:
            row = connection.execute(
                "SELECT id FROM jobs WHERE name = ? AND state = 'waiting'", (name,)
            ).fetchone()
            if row:
                self._jobs.finish(connection, row[0])

        await self._database.write(forget)

    async def run(self, fire: Callable[[Firing], Awaitable[None]]) -> None:
        """Call handlers at their instants until `stop`. `fire` raises Permanent to give up."""

        async def work(job: Job) -> None:
            await fire(Firing(job.handler, job.name or "", decode(job.body.decode()), job.attempt))

        await self._jobs.run(work)

    async def stop(self, grace: float = 10.0) -> None:
        """Take nothing new, wait up to `grace` seconds for what runs, give the rest back."""
        await self._jobs.stop(grace)

    async def sweep(self) -> int:
        """0: no distance is too far here."""
        return 0

    async def ping(self) -> None:
        """Returns when timers can be set."""
        await self._database.read(lambda connection: connection.execute("SELECT 1 FROM jobs LIMIT 1"))

    async def close(self) -> None:
        """Stop at once; the database is closed by who opened it."""
        await self.stop(grace=0)

    def _policy(self, job: Job) -> Subscription:
        return self._handlers.get(job.handler) or Subscription(job.handler)
