"""One SQLite file for everything durable: whoever waits for the disk shares one transaction and one sync."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from shared.backends.embedded.indexes import INDEXES, REPLACED
from shared.domain.errors import Permanent, Transient

Result = TypeVar("Result")
Operation = Callable[[sqlite3.Connection], Result]

SCHEMA_VERSION = 3  # 1 had no INDEXES, 2 fewer
_LARGEST_GROUP = 256
_READERS = 2
_BUSY_SECONDS = 10.0
_PATIENCE = 0.005  # seconds that what nobody hurries for waits for others to share a sync with

_SCHEMA = (
    """CREATE TABLE documents (
        grp TEXT NOT NULL,          -- last name of the collection: a collection group
        collection TEXT NOT NULL,   -- the collection's whole path
        name TEXT NOT NULL,
        data TEXT NOT NULL,         -- JSON
        version TEXT NOT NULL,
        expires TEXT,               -- a stamp
        PRIMARY KEY (grp, collection, name)
    )""",
    "CREATE INDEX documents_expiring ON documents (expires) WHERE expires IS NOT NULL",
    """CREATE TABLE jobs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL,        -- bus | timers
        name TEXT UNIQUE,           -- a timer's
        handler TEXT NOT NULL,
        topic TEXT NOT NULL,
        attributes TEXT NOT NULL,   -- JSON
        body BLOB NOT NULL,
        due INTEGER NOT NULL,       -- microseconds since 1970; while claimed the end of the lease
        attempt INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL DEFAULT 'waiting',  -- waiting | gone | dead
        error TEXT NOT NULL DEFAULT '',
        died_at TEXT NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX jobs_due ON jobs (queue, state, due)",
    """CREATE TABLE notes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        origin TEXT NOT NULL,       -- whose Live wrote it
        key TEXT NOT NULL,
        note TEXT,                  -- JSON
        at INTEGER NOT NULL         -- microseconds since 1970
    )""",
)


@dataclass(slots=True)
class _Waiting:
    """An operation and the future of whoever waits for it, if anybody does."""

    operation: Operation[Any]
    future: asyncio.Future[Any] | None = None
    patient: bool = False
    value: Any = None
    error: Exception | None = None

    def settle(self) -> None:
        if self.future is None or self.future.done():  # its caller was cancelled meanwhile
            return
        if self.error:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)


def _ours(error: sqlite3.Error, path: Path) -> Exception:
    if isinstance(error, sqlite3.OperationalError):
        return Transient(f"the database {path.name!r} did not answer ({error}): try again", retry_after=1.0)
    return Permanent(f"the database {path.name!r} cannot be used ({error}): restore it from a backup")


class Database:
    """A SQLite file that several processes may use at once; it survives kill -9 and a power cut.

    Writes run on one thread. It takes every operation waiting and commits them together; where one fails
    they run again, each in a savepoint of its own, so that it leaves the others alone. With `durable=False`
    a commit is not synced to the disk: a power cut may lose the last ones, never the file.
    """

    def __init__(self, path: Path, *, durable: bool = True, busy_seconds: float = _BUSY_SECONDS) -> None:
        self._path = path
        self._durable = durable
        self._busy_seconds = busy_seconds
        self._opened: list[sqlite3.Connection] = []
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)  # it holds conversations: for its owner alone
        self._writer = self._open()
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_groups, name="sqlite-writer", daemon=True)
        self._thread.start()
        self._of_thread = threading.local()
        self._glancer = self._connect(busy_seconds=0)
        self._glancer.execute("PRAGMA query_only = ON")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="sqlite-reader")
        self._closed = False

    async def write(self, operation: Operation[Result], *, patient: bool = False) -> Result:
        """Run `operation` in a transaction, perhaps twice; durable when this returns.

        What is `patient` waits a moment for another's transaction to go along with.

        What the operation raises comes back and undoes its own changes alone. Raises Transient where
        the file is busy or the disk full; the operation may then have been committed or not.
        """
        self._check_open()
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.put(_Waiting(operation, future, patient))
        return await future

    def post(self, operation: Operation[object]) -> None:
        """Run `operation` in its turn and wait for nothing: for hints, which may be lost."""
        self._check_open()
        self._waiting.put(_Waiting(operation, patient=True))

    async def read(self, operation: Operation[Result]) -> Result:
        """Run `operation` on a connection that sees every commit finished before; it must not write."""
        self._check_open()
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, operation)

    async def glance(self, operation: Operation[Result]) -> Result:
        """As `read`, for what takes some microseconds, like a few documents by their keys.

        It runs here and now: handing it to a thread would hold the event loop up for longer. In the
        rare moments when the file is locked it goes to the thread after all, to wait there.
        """
        self._check_open()
        try:
            return operation(self._glancer)
        except sqlite3.Error:
            return await self.read(operation)

    async def close(self) -> None:
        """Finish what waits, then close the file. Twice is once."""
        if self._closed:
            return
        self._closed = True
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._readers.shutdown)
        self._close_all()

    def _close_all(self) -> None:
        for connection in self._opened:
            connection.close()

    def _check_open(self) -> None:
        if self._closed:
            raise Transient(f"the database {self._path.name!r} is closed: the process is stopping")

    def _connect(self, busy_seconds: float | None = None) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=self._busy_seconds if busy_seconds is None else busy_seconds,
            isolation_level=None,
            check_same_thread=False,  # one thread at a time: the opener hands it over
            cached_statements=256,
        )
        self._opened.append(connection)
        connection.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
        return connection

    def _open(self) -> sqlite3.Connection:
        try:
            connection = self._connect()
            self._enter_wal(connection)
            self._lay_out(connection)
        except (sqlite3.Error, Permanent) as error:
            self._close_all()
            raise _ours(error, self._path) if isinstance(error, sqlite3.Error) else error from None
        return connection

    def _lay_out(self, connection: sqlite3.Connection) -> None:
        """Make the tables of a new file, and what an older one has not."""
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in _SCHEMA:
                connection.execute(statement)
        if version < SCHEMA_VERSION:
            for name in REPLACED:
                connection.execute(f"DROP INDEX IF EXISTS {name}")
            for statement in INDEXES:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
        if version > SCHEMA_VERSION:
            raise Permanent(
                f"{self._path.name!r} was written by a newer Frontdesk: run that version, or newer"
            )

    def _enter_wal(self, connection: sqlite3.Connection) -> None:
        """Two processes that open a new file at once collide here, and SQLite does not wait for it."""
        give_up = time.monotonic() + self._busy_seconds
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.01)
            else:
                return

    def _read(self, operation: Operation[Result]) -> Result:
        try:
            connection: sqlite3.Connection | None = getattr(self._of_thread, "connection", None)
            if connection is None:
                connection = self._of_thread.connection = self._connect()
                connection.execute("PRAGMA query_only = ON")
            return operation(connection)
        except sqlite3.Error as error:
            raise _ours(error, self._path) from error

    def _write_groups(self) -> None:
        while True:
            group, last = self._next_group()
            if group:
                self._commit(group)
                self._tell(group)
            if last:
                return

    def _next_group(self) -> tuple[list[_Waiting], bool]:
        """Everything that waits now, at least one; and whether the end was asked for."""
        group: list[_Waiting] = []
        until: float | None = None  # while all of the group is patient
        while len(group) < _LARGEST_GROUP and (not group or until or not self._waiting.empty()):
            try:
                waiting = self._waiting.get(timeout=until and max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if waiting is None:
                return group, True
            patient = waiting.patient and (until is not None or not group)
            until = (until or time.monotonic() + _PATIENCE) if patient else None
            group.append(waiting)
        return group, False

    def _commit(self, group: Sequence[_Waiting]) -> None:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            if not self._attempt_all(group):
                self._writer.execute("ROLLBACK")
                self._writer.execute("BEGIN IMMEDIATE")
                for waiting in group:
                    self._attempt(waiting)
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):  # SQLite may have rolled back itself
                self._writer.execute("ROLLBACK")
            for waiting in group:
                waiting.error = _ours(error, self._path)

    def _attempt_all(self, group: Sequence[_Waiting]) -> bool:
        """Run the operations as if none could fail, which is nearly always so and takes half of the time."""
        try:
            for waiting in group:
                waiting.value = waiting.operation(self._writer)
        except Exception:  # noqa: BLE001 - it comes again where they run one by one
            return False
        return True

    def _attempt(self, waiting: _Waiting) -> None:
        """Run one operation; where it fails, undo it alone. Raises sqlite3.Error if all is undone."""
        self._writer.execute("SAVEPOINT operation")
        try:
            waiting.value = waiting.operation(self._writer)
        except Exception as error:  # noqa: BLE001 - it belongs to the caller, who gets it
            self._writer.execute("ROLLBACK TO operation")
            waiting.error = _ours(error, self._path) if isinstance(error, sqlite3.Error) else error
        self._writer.execute("RELEASE operation")

    def _tell(self, group: Sequence[_Waiting]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
        for waiting in group:
            if waiting.future is not None:
                by_loop.setdefault(waiting.future.get_loop(), []).append(waiting)
        for loop, theirs in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle_all, theirs)


def _settle_all(group: Sequence[_Waiting]) -> None:
    for waiting in group:
        waiting.settle()
