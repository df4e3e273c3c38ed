"""Documents in SQLite, with the same promises as Firestore gives."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from random import getrandbits

from shared.backends.embedded.database import Database, Operation
from shared.backends.embedded.encoding import decode, encode
from shared.backends.embedded.query import after, conditions, content, in_group, ordering, sealed
from shared.backends.limits import check_collection, check_path, check_query, check_where, check_writes
from shared.domain.errors import AlreadyExists, PreconditionFailed
from shared.domain.instants import stamp
from shared.ports import Clock, Create, Data, Delete, Document, Page, Query, Where, Write

_THIS = "grp = ? AND collection = ? AND name = ?"
_ALIVE = "(expires IS NULL OR expires > ?)"
_GET = f"SELECT data, version FROM documents WHERE {_THIS} AND {_ALIVE}"  # noqa: S608 - constants alone
_INSERT = (
    "INSERT INTO documents (grp, collection, name, data, version, expires) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET data = excluded.data, version = excluded.version, expires = excluded.expires"
)
_CREATE = f"{_INSERT} WHERE documents.expires <= ?"
_REPLACE = (
    f"UPDATE documents SET data = ?, version = ?, expires = ? WHERE {_THIS} AND {_ALIVE} AND version = ?"  # noqa: S608 - constants alone
)
_DELETE = f"DELETE FROM documents WHERE {_THIS}"  # noqa: S608 - constants alone
_DELETE_UNCHANGED = f"{_DELETE} AND {_ALIVE} AND version = ?"
_FEW = 16  # documents read without a thread
# Every commit removes a few expired documents, so that no commit pays for many.
_SWEEP = (
    "DELETE FROM documents WHERE rowid IN"
    " (SELECT rowid FROM documents WHERE expires <= ? ORDER BY expires LIMIT 10)"
)

_Step = Callable[[sqlite3.Connection], None]


def _key(path: str) -> tuple[str, str, str]:
    collection, _, name = path.rpartition("/")
    return collection.rpartition("/")[2], collection, name


def _within(collection: str) -> str:
    return f"{in_group(collection.rpartition('/')[2])} AND collection = ?"


class EmbeddedStore:
    """The Store port on one SQLite file."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def get(self, path: str) -> Document | None:
        """The document, or None."""
        return (await self.get_many([path]))[0]

    async def get_many(self, paths: Sequence[str]) -> list[Document | None]:
        """The documents in the order asked, None for each that is missing."""
        for path in paths:
            check_path(path)
        now = self._now()

        def read(connection: sqlite3.Connection) -> list[tuple[str, str] | None]:
            return [connection.execute(_GET, (*_key(path), now)).fetchone() for path in paths]

        rows = await (self._database.glance if len(paths) <= _FEW else self._database.read)(read)
        return [
            Document(path, decode(row[0]), row[1]) if row else None
            for path, row in zip(paths, rows, strict=True)
        ]

    async def create(self, path: str, data: Data, *, expires: datetime | None = None) -> bool:
        """Write it unless it exists; False where it does."""
        try:
            await self.commit([Create(path, data, expires)])
        except AlreadyExists:
            return False
        return True

    async def commit(self, writes: Sequence[Write]) -> None:
        """All of the writes or none."""
        operation = self.committing(writes)
        if writes:
            await self._database.write(operation)

    def committing(self, writes: Sequence[Write]) -> Operation[None]:
        """The operation that carries out a commit."""
        check_writes(writes)
        now = self._now()
        steps = [_step(write, now) for write in writes]

        def write_all(connection: sqlite3.Connection) -> None:
            for step in steps:
                step(connection)
            connection.execute(_SWEEP, (now,))

        return write_all

    async def query(self, collection: str, query: Query) -> Page:
        """The documents directly in `collection` that match."""
        check_collection(collection)
        return await self._select(_within(collection), (collection,), query, group=False)

    async def query_group(self, group: str, query: Query) -> Page:
        """The documents of every collection of that last name, anywhere."""
        check_collection(group)
        return await self._select(in_group(group), (), query, group=True)

    async def count(self, collection: str, where: tuple[Where, ...] = (), *, most: int | None = None) -> int:
        """How many documents match; `most` of them are enough."""
        check_collection(collection)
        check_where(where)
        matching = conditions(where)
        sql = (
            "SELECT count(*) FROM (SELECT 1 FROM documents"  # noqa: S608 - values are marks, fields quoted
            f" WHERE {_within(collection)} AND {_ALIVE}{matching.text} LIMIT ?)"
        )
        limit = -1 if most is None else most  # -1 is no limit
        values = (collection, self._now(), *matching.values, limit)
        number: int = await self._database.read(
            lambda connection: connection.execute(sql, values).fetchone()[0]
        )
        return number

    async def ping(self) -> None:
        """Returns when the store answers."""
        await self._database.read(lambda connection: connection.execute("SELECT 1 FROM documents LIMIT 1"))

    async def close(self) -> None:
        """Nothing of its own: the database is closed by who opened it."""

    def _now(self) -> str:
        return stamp(self._clock.now())

    async def _select(self, within: str, scope: tuple[str, ...], query: Query, *, group: bool) -> Page:
        check_query(query)
        keys, exist = ordering(query, group=group)
        matching, beyond = conditions(query.where), after(keys, query.cursor)
        read = content(query.fields)
        columns = ", ".join(key.sql for key in keys)
        order = ", ".join(f"{place}{' DESC' if key.descending else ''}" for place, key in enumerate(keys, 5))
        sql = (
            f"SELECT collection, name, {read.text}, version, {columns} FROM documents"  # noqa: S608 - values are marks, fields quoted
            f" WHERE {within} AND {_ALIVE}{matching.text}{exist}{beyond.text} ORDER BY {order} LIMIT ?"
        )
        values = (*read.values, *scope, self._now(), *matching.values, *beyond.values, query.limit + 1)
        rows = await self._database.read(lambda connection: connection.execute(sql, values).fetchall())
        shown = rows[: query.limit]
        documents = tuple(Document(f"{row[0]}/{row[1]}", decode(row[2]), row[3]) for row in shown)
        return Page(documents, sealed(shown[-1][4:]) if len(rows) > len(shown) else None)


def _step(write: Write, now: str) -> _Step:
    """One write as what to do in the transaction; the document is encoded here, outside it."""
    if isinstance(write, Delete):
        return _removal(write, now)
    key = _key(write.path)
    expires = stamp(write.expires) if write.expires else None
    content = (encode(write.data, write.path), f"{getrandbits(64):016x}", expires)
    if isinstance(write, Create):
        return _must_change(_CREATE, (*key, *content, now), AlreadyExists, write.path)
    if write.version is None:
        return _must_change(_INSERT, (*key, *content), PreconditionFailed, write.path)
    return _must_change(_REPLACE, (*content, *key, now, write.version), PreconditionFailed, write.path)


def _removal(write: Delete, now: str) -> _Step:
    key = _key(write.path)
    if write.version is not None:
        return _must_change(_DELETE_UNCHANGED, (*key, now, write.version), PreconditionFailed, write.path)

    def remove(connection: sqlite3.Connection) -> None:
        connection.execute(_DELETE, key)

    return remove


def _must_change(
    sql: str, values: tuple[object, ...], otherwise: Callable[[str], Exception], path: str
) -> _Step:
    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(sql, values).rowcount == 0:
            raise otherwise(path)

    return change
