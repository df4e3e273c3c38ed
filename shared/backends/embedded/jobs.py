"""Work that falls due, kept in the database and claimed by an expiring lease, so that processes share it.

Bus and timers are both this: a row that names a handler and is run when its instant has come, again after
a growing pause where it failed, and set aside as dead where it failed too often.
"""

import asyncio
import contextlib
import json
import logging
import random
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.backends.embedded.database import Database, Operation
from shared.backends.embedded.gathering import Gathering
from shared.domain.errors import FrontdeskError, Permanent, Transient
from shared.domain.instants import stamp
from shared.ports import Clock

log = logging.getLogger(__name__)

_CLAIM = """
UPDATE jobs SET attempt = attempt + 1, due = :lease_ends WHERE id IN (
    SELECT id FROM jobs WHERE queue = :queue AND state = 'waiting' AND due <= :now
    ORDER BY due, id LIMIT :room
) RETURNING id, name, handler, topic, attributes, body, attempt
"""
# A name is free again when the timer that had it ended long enough ago.
_ADD = """
INSERT INTO jobs (queue, name, handler, topic, attributes, body, due, attempt)
VALUES {rows}
ON CONFLICT (name) DO UPDATE
SET handler = excluded.handler, body = excluded.body, due = excluded.due, state = 'waiting',
    attempt = excluded.attempt
WHERE jobs.state = 'gone' AND jobs.due <= ?
"""
_ROW = "(?, ?, ?, ?, ?, ?, ?, ?)"
_AT_ONCE = 500  # rows in one statement, which may have 32,766 values
_TELL = "RETURNING id, name, handler, topic, attributes, body, attempt"
_NEXT = "SELECT min(due) FROM jobs WHERE queue = ? AND state = 'waiting'"
_OURS = "WHERE id = ? AND attempt = ? AND state = 'waiting'"  # the attempt is the claim's fence
_RENEW = f"UPDATE jobs SET due = ? {_OURS}"  # noqa: S608 - constants alone
_RELEASE = f"UPDATE jobs SET due = ?, attempt = attempt - 1 {_OURS}"  # noqa: S608 - constants alone
_DIE = f"UPDATE jobs SET state = 'dead', error = ?, died_at = ? {_OURS}"  # noqa: S608 - constants alone
_FORGET = "DELETE FROM jobs WHERE queue = ? AND state = 'gone' AND due <= ?"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A handler and how often it is tried; pauses are in seconds and double from the least to the most."""

    handler: str
    attempts: int = 10
    min_backoff: float = 1.0
    max_backoff: float = 600.0

    def pause(self, attempt: int) -> float:
        """Seconds to wait after the failed `attempt`, counted from 1; a fifth is chance, to spread a herd."""
        doubled = self.min_backoff * 2.0 ** min(attempt - 1, 30)
        return min(doubled, self.max_backoff) * random.uniform(0.9, 1.1)


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed row; `attempt` counts from 1."""

    id: int
    name: str | None
    handler: str
    topic: str
    attributes: Mapping[str, str]
    body: bytes
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a process works through jobs; times in seconds."""

    concurrency: int = 64
    lease: float = 15.0  # renewed while a job runs; after a crash others wait this long
    poll: float = 0.1  # how soon work of other processes is seen


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970, rounded to nothing: a datetime has no more."""
    return (at - _EPOCH) // timedelta(microseconds=1)


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00Z")


@dataclass(slots=True, kw_only=True)
class New:
    """A job to be added; `name` is a timer's."""

    handler: str
    topic: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    body: bytes
    due: int
    name: str | None = None


@dataclass(slots=True)
class Jobs:
    """One queue of jobs. `policy` gives the subscription whose attempts and pauses hold for a job."""

    database: Database
    clock: Clock
    queue: str
    policy: Callable[[Job], Subscription]
    pace: Pace
    remember: timedelta | None = None  # how long the name of a finished job stays taken
    _running: dict[int, tuple[Job, asyncio.Task[None]]] = field(default_factory=dict)
    _work: Callable[[Job], Awaitable[None]] | None = None
    _kept: int = 0  # room kept for jobs that are being written down
    _behind: bool = False  # older jobs wait, so that new ones must queue up too
    _gathering: Gathering[New] = field(init=False)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _stopping: bool = False
    _grace: float = 0.0
    _stopped: asyncio.Event | None = None

    def __post_init__(self) -> None:
        self._gathering = Gathering(self._write)

    def wake(self) -> None:
        """Say that something was added, so that nobody waits for the next poll."""
        self._woken.set()

    async def add(self, new: Sequence[New]) -> None:
        """Write jobs down, together with those that others add in this moment. Durable when it returns."""
        await self._gathering.add(new)

    async def _write(self, new: Sequence[New]) -> None:
        with self.adding(new) as write:
            await self.database.write(write)

    @contextlib.contextmanager
    def adding(self, new: Sequence[New]) -> Iterator[Operation[None]]:
        """The operation that writes the jobs down, to be run in the block; after it they may begin.

        What is due and finds room in this process is claimed as it is written, and begins at once.
        """
        claims = self._has_room_for(new)
        added: list[Job] = []

        def write(connection: sqlite3.Connection) -> None:
            added.clear()  # where it runs again
            for first in range(0, len(new), _AT_ONCE):
                added.extend(self._insert(connection, new[first : first + _AT_ONCE], claims=claims))

        self._kept += len(new) if claims else 0
        try:
            yield write
        finally:
            self._kept -= len(new) if claims else 0
        for job in added:
            self._start(job)
        if not claims:
            self.wake()

    def _has_room_for(self, new: Sequence[New]) -> bool:
        """Whether these may begin as they are written: due, nothing older waiting, and hands free."""
        if self._work is None or self._stopping:
            return False
        if len(self._running) + self._kept + len(new) > self.pace.concurrency:
            self._behind = True
        now = microseconds(self.clock.now())
        return not self._behind and all(one.due <= now for one in new)

    def _insert(self, connection: sqlite3.Connection, new: Sequence[New], *, claims: bool) -> list[Job]:
        """Add all in one statement: SQLite runs it beside the event loop, and is called once.

        Returns those claimed: without the timers whose name is taken.
        """
        lease_ends = self._lease_ends()
        values: list[object] = []
        for one in new:
            attributes = json.dumps(dict(one.attributes)) if one.attributes else "{}"
            due = lease_ends if claims else one.due
            values += (self.queue, one.name, one.handler, one.topic, attributes, one.body, due, int(claims))
        statement = _ADD.format(rows=", ".join([_ROW] * len(new))) + (_TELL if claims else "")
        rows = connection.execute(statement, [*values, microseconds(self.clock.now())])
        return [_job(row) for row in rows]

    async def run(self, work: Callable[[Job], Awaitable[None]]) -> None:
        """Do jobs as they fall due until `stop`; cancelling it gives unfinished ones back at once."""
        self._stopped = asyncio.Event()
        self._work = work
        renewal = asyncio.create_task(self._keep_leases())
        try:
            while not self._stopping:
                await self._turn()
            if self._running:
                await asyncio.wait([task for _, task in self._running.values()], timeout=self._grace)
        finally:
            self._work = None
            renewal.cancel()
            await self._give_back()
            self._stopped.set()

    async def stop(self, grace: float = 10.0) -> None:
        """Claim no more, give what runs `grace` seconds to finish, then give the rest back. It is final."""
        self._stopping, self._grace = True, grace
        self.wake()
        if self._stopped:
            await self._stopped.wait()

    async def _turn(self) -> None:
        """Start what is due, then wait until more may be."""
        self._woken.clear()
        pause = self.pace.poll
        try:
            due = await self.database.read(self._next_due)
            room = self.pace.concurrency - len(self._running) - self._kept
            now = microseconds(self.clock.now())
            if room > 0 and due is not None and due <= now:
                jobs = await self._claimed(room)
                self._behind = len(jobs) == room
                for job in jobs:
                    self._start(job)
                return
            self._behind = room <= 0
            if room > 0 and due is not None:
                pause = min(pause, (due - now) / 1_000_000)
        except Transient as error:
            log.warning("jobs.not_read", extra={"queue": self.queue, "error": str(error)})
        # Not wait_for: on 3.11 it loses a cancellation that comes together with what it waits for.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._woken.wait()

    async def _claimed(self, room: int) -> list[Job]:
        """So many jobs that are due, now ours; their room is nobody else's meanwhile."""
        self._kept += room
        try:
            return await self.database.write(lambda connection: self._claim(connection, room))
        finally:
            self._kept -= room

    def _next_due(self, connection: sqlite3.Connection) -> int | None:
        due: int | None = connection.execute(_NEXT, (self.queue,)).fetchone()[0]
        return due

    def _claim(self, connection: sqlite3.Connection, room: int) -> list[Job]:
        now = microseconds(self.clock.now())
        connection.execute(_FORGET, (self.queue, now))
        values = {"queue": self.queue, "now": now, "lease_ends": self._lease_ends(), "room": room}
        return [_job(row) for row in sorted(connection.execute(_CLAIM, values).fetchall())]

    def _lease_ends(self) -> int:
        return microseconds(self.clock.now() + timedelta(seconds=self.pace.lease))

    def _start(self, job: Job) -> None:
        if job.id in self._running:  # our own lease lapsed while the machine slept; it is still under way
            return
        if self._work is not None:  # stopped meanwhile: the lease lapses and another process takes it
            self._running[job.id] = (job, asyncio.create_task(self._do(job, self._work)))

    async def _do(self, job: Job, work: Callable[[Job], Awaitable[None]]) -> None:
        try:
            await self._settle(job, await self._outcome(job, work))
        except Transient as error:  # the lease lapses and the job comes again
            log.warning("job.not_settled", extra={**self._named(job), "error": str(error)})
        finally:
            self._running.pop(job.id, None)
            if self._behind:
                self.wake()

    def _named(self, job: Job) -> dict[str, object]:
        return {"queue": self.queue, "handler": job.handler, "job": job.id}

    async def _outcome(self, job: Job, work: Callable[[Job], Awaitable[None]]) -> Exception | None:
        if job.attempt > self.policy(job).attempts:  # each attempt took its process with it
            return Permanent(f"{job.handler!r} never came to an end: see the logs of its process")
        try:
            await work(job)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the queue goes on
            return error
        return None

    async def _settle(self, job: Job, error: Exception | None) -> None:
        """Write down how an attempt ended. A job whose lease another process took is left to that one."""
        if error is None:
            await self.database.write(lambda connection: self.finish(connection, job.id), patient=True)
            return
        policy = self.policy(job)
        dead = isinstance(error, Permanent) or job.attempt >= policy.attempts
        how = {"attempt": job.attempt, "error": type(error).__name__, "dead": dead}
        log.warning("job.failed", extra=self._named(job) | how)
        if dead:
            values: Sequence[Any] = (_reason(error), stamp(self.clock.now()), job.id, job.attempt)
            await self.database.write(lambda connection: connection.execute(_DIE, values))
            return
        again = self.clock.now() + timedelta(seconds=_pause(policy, job.attempt, error))
        values = (microseconds(again), job.id, job.attempt)
        await self.database.write(lambda connection: connection.execute(_RENEW, values))
        self.wake()

    def finish(self, connection: sqlite3.Connection, job: int) -> None:
        """End a job for good; its name stays taken for as long as names are remembered."""
        if self.remember is None:
            connection.execute("DELETE FROM jobs WHERE id = ?", (job,))
            return
        until = microseconds(self.clock.now() + self.remember)
        connection.execute("UPDATE jobs SET state = 'gone', due = ?, body = x'' WHERE id = ?", (until, job))

    async def _keep_leases(self) -> None:
        """Renew the leases of what runs, so that a long job is not taken for a lost one."""
        while True:
            await asyncio.sleep(self.pace.lease / 3)
            until = self._lease_ends()
            values = [(until, job.id, job.attempt) for job, _ in self._running.values()]
            if values:
                with contextlib.suppress(Transient):  # the next round may succeed before the lease ends
                    await self.database.write(lambda connection: connection.executemany(_RENEW, values))  # noqa: B023 - awaited here

    async def _give_back(self) -> None:
        """Cancel what still runs and let others have it at once; an attempt cut short does not count."""
        running = list(self._running.values())
        for _, task in running:
            task.cancel()
        await asyncio.gather(*(task for _, task in running), return_exceptions=True)
        now = microseconds(self.clock.now())
        values = [(now, job.id, job.attempt) for job, task in running if task.cancelled()]
        if values:
            with contextlib.suppress(Transient):  # else they come back when their leases end
                await self.database.write(lambda connection: connection.executemany(_RELEASE, values))


def _job(row: tuple[Any, ...]) -> Job:
    return Job(row[0], row[1], row[2], row[3], json.loads(row[4]), row[5], row[6])


def _pause(policy: Subscription, attempt: int, error: Exception) -> float:
    asked = error.retry_after if isinstance(error, Transient) else None
    return max(policy.pause(attempt), asked or 0.0)


def _reason(error: Exception) -> str:
    """What people may read: our own messages; of a foreign error, which may quote a customer, the kind."""
    if isinstance(error, FrontdeskError):
        return str(error)
    return f"{type(error).__name__}: an unexpected error, described in the logs"
