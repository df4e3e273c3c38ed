"""Facts told to handlers on one machine: a row for each handler, gone when that handler has heard it."""

import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from shared.backends.embedded.database import Database, Operation
from shared.backends.embedded.jobs import Job, Jobs, New, Pace, Subscription, microseconds
from shared.domain.deliveries import Delivery
from shared.domain.errors import Permanent
from shared.ports import Clock, Letter

_DEAD = (
    "SELECT id, topic, handler, body, error, died_at FROM jobs WHERE state = 'dead'"
    " ORDER BY died_at DESC, id DESC LIMIT ?"
)
_REPLAY = (
    "UPDATE jobs SET state = 'waiting', attempt = 0, due = ?, error = '' WHERE id = ? AND state = 'dead'"
)


class EmbeddedBus:
    """The Bus port. `subscriptions` names the handlers of each topic; `run` tells them.

    Any process with the same file may publish or run; a delivery is with one process at a time.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        subscriptions: Mapping[str, Sequence[Subscription]],
        pace: Pace = Pace(),  # noqa: B008 - frozen
    ) -> None:
        self._database = database
        self._clock = clock
        self._subscriptions = subscriptions
        self._jobs = Jobs(database, clock, "bus", self._policy, pace)

    async def publish(self, topic: str, body: bytes, *, attributes: dict[str, str] | None = None) -> None:
        """Durable when it returns. A topic nobody subscribes to takes the message and tells no one."""
        if topic in self._subscriptions:
            await self._jobs.add(self._new([(topic, body)], attributes or {}))

    def telling(self, facts: Sequence[tuple[str, bytes]]) -> AbstractContextManager[Operation[None]]:
        """The operation that publishes topics and bodies, to be run in the block."""
        return self._jobs.adding(self._new(facts, {}))

    def _new(self, facts: Sequence[tuple[str, bytes]], attributes: Mapping[str, str]) -> list[New]:
        due = microseconds(self._clock.now())
        return [
            New(handler=one.handler, topic=topic, attributes=attributes, body=body, due=due)
            for topic, body in facts
            for one in self._subscriptions.get(topic, ())
        ]

    async def run(self, deliver: Callable[[Delivery], Awaitable[None]]) -> None:
        """Tell handlers until `stop`. `deliver` raises Permanent to give up, anything else to try again."""

        async def work(job: Job) -> None:
            await deliver(
                Delivery(job.handler, job.topic, job.body, job.attributes, str(job.id), job.attempt)
            )

        await self._jobs.run(work)

    async def stop(self, grace: float = 10.0) -> None:
        """Take nothing new, wait up to `grace` seconds for what runs, give the rest back."""
        await self._jobs.stop(grace)

    async def dead(self, limit: int = 100) -> list[Letter]:
        """The dead letters, newest first; those of timers are among them, with the topic `timers`."""
        rows = await self._database.read(lambda connection: connection.execute(_DEAD, (limit,)).fetchall())
        return [Letter(str(row[0]), *row[1:]) for row in rows]

    async def replay(self, letter: str) -> None:
        """Tell one dead letter's handler again. Raises Permanent if there is no such dead letter."""
        due = microseconds(self._clock.now())

        def revive(connection: sqlite3.Connection) -> int:
            return connection.execute(_REPLAY, (due, letter)).rowcount

        if not await self._database.write(revive):
            raise Permanent(f"there is no dead letter {letter!r}: it was replayed already, or never was")
        self._jobs.wake()

    async def ping(self) -> None:
        """Returns when the bus answers."""
        await self._database.read(lambda connection: connection.execute("SELECT 1 FROM jobs LIMIT 1"))

    async def close(self) -> None:
        """Stop at once; the database is closed by who opened it."""
        await self.stop(grace=0)

    def _policy(self, job: Job) -> Subscription:
        for subscription in self._subscriptions.get(job.topic, ()):
            if subscription.handler == job.handler:
                return subscription
        return Subscription(job.handler)  # of a handler that was unsubscribed since
