"""Documents in Firestore: a commit is one batch with preconditions, so a hot document is never locked."""

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from google.api_core import exceptions as google
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.api_core.retry import AsyncRetry, if_exception_type
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore_v1 import (
    AsyncClient,
    AsyncDocumentReference,
    AsyncWriteBatch,
)
from google.cloud.firestore_v1.async_query import AsyncQuery
from google.cloud.firestore_v1.base_query import FieldFilter

from shared.backends.google import BUSY, answers
from shared.backends.google.queries import NAME, Snapshot, Source, cursor_of, ordering, place_of, position
from shared.backends.google.values import EXPIRY, WRITE, field_path, read_data, stored_data
from shared.backends.limits import check_collection, check_path, check_query, check_where, check_writes
from shared.domain.errors import AlreadyExists, PreconditionFailed, Transient
from shared.ports import Clock, Create, Data, Delete, Document, Page, Put, Query, Store, Where, Write

SECONDS = 10.0  # what one call may take; a turn cannot wait longer for its documents
# Reads are tried again here. Commits are not: a commit whose answer was lost would meet its own
# writes and call them somebody else's.
RETRY = AsyncRetry(
    if_exception_type(google.ServiceUnavailable, google.InternalServerError, google.TooManyRequests),
    initial=0.1,
    maximum=1.0,
    timeout=SECONDS,
)
ATTEMPTS = 3  # of a commit that meets expired documents which others replace at the same moment
REFUSALS = (google.AlreadyExists, google.FailedPrecondition, google.NotFound, google.InvalidArgument)


class Firestore(AsyncClient):
    """The official client with the emulator's address handed in, not taken from the environment."""

    def __init__(self, project: str, database: str, emulator: str | None) -> None:
        credentials = AnonymousCredentials() if emulator else None  # type: ignore[no-untyped-call]
        super().__init__(project=project, database=database, credentials=credentials)
        if emulator:
            self._emulator_host = emulator

    async def hang_up(self) -> None:
        """Close the connection, which the library's own `close` leaves open."""
        if self._firestore_api_internal is not None:
            await self._firestore_api_internal.transport.close()


class Batch(AsyncWriteBatch):
    """The official batch, which also replaces a whole document on a condition."""

    def add(self, reference: AsyncDocumentReference, write: Write) -> None:
        """Append one write of the port."""
        if isinstance(write, Delete):
            self.delete(reference)
        else:
            data = stored_data(write.data, write.path)
            if write.expires is not None:
                data[EXPIRY] = write.expires
            data[WRITE] = os.urandom(8)
            self.create(reference, data) if isinstance(write, Create) else self.set(reference, data)
        if not isinstance(write, Create) and write.version is not None:
            read_at = DatetimeWithNanoseconds.from_rfc3339(write.version)  # type: ignore[no-untyped-call]
            option = self._client.write_option(last_update_time=read_at.timestamp_pb())
            option.modify_write(self._write_pbs[-1])


class GoogleStore(Store):
    """Documents of one Firestore database. Nothing connects before the first call.

    `emulator` is the host and port of the official emulator, which needs no credentials.
    """

    def __init__(
        self, project: str, *, clock: Clock, database: str = "(default)", emulator: str | None = None
    ) -> None:
        self._project = project
        self._database = database
        self._emulator = emulator
        self._clock = clock

    @cached_property
    def _client(self) -> Firestore:
        with answers("connecting to Firestore"):
            return Firestore(self._project, self._database, self._emulator)

    async def get(self, path: str) -> Document | None:
        """The document, or None."""
        check_path(path)
        with answers(f"reading {path!r}"):
            snapshot = await self._client.document(path).get(retry=RETRY, timeout=SECONDS)
        return self._document(snapshot)

    async def get_many(self, paths: Sequence[str]) -> list[Document | None]:
        """The documents in the order asked, None for each that is missing."""
        for path in paths:
            check_path(path)
        with answers(f"reading {len(paths)} documents"):
            found = await self._snapshots(paths)
        return [self._document(found[path]) if path in found else None for path in paths]

    async def create(self, path: str, data: Data, *, expires: datetime | None = None) -> bool:
        """Write it unless it exists; False where it does. Of racing callers exactly one gets True."""
        try:
            await self.commit([Create(path, data, expires)])
        except (AlreadyExists, PreconditionFailed):
            return False
        return True

    async def commit(self, writes: Sequence[Write]) -> None:
        """All of the writes or none. Raises AlreadyExists, PreconditionFailed or Transient."""
        check_writes(writes)
        if not writes:
            return
        sending = writes
        with answers(f"writing {len(writes)} documents"):
            for _ in range(ATTEMPTS):
                try:
                    await self._send(sending)
                except REFUSALS as refusal:
                    sending = await self._over_expired(writes, refusal)
                else:
                    return
        raise Transient(f"{writes[0].path!r} changes too fast", retry_after=BUSY)

    async def _send(self, writes: Sequence[Write]) -> None:
        batch = Batch(self._client)
        for write in writes:
            batch.add(self._client.document(write.path), write)
        await batch.commit(retry=None, timeout=SECONDS)

    async def _over_expired(self, writes: Sequence[Write], refusal: Exception) -> list[Write]:
        """Name the document that stood in the way of a batch, for Firestore does not say.

        What stood in the way may have expired and only wait to be removed: answers the writes that
        replace it.
        """
        bound = [write for write in writes if isinstance(write, Create) or write.version is not None]
        there = await self._snapshots([write.path for write in bound])
        over: dict[str, Write] = {}
        for write in bound:
            snapshot = there.get(write.path)
            version = version_of(snapshot) if snapshot else None
            if not isinstance(write, Create):
                if version != write.version:
                    raise PreconditionFailed(write.path)
            elif snapshot and self._document(snapshot):
                raise AlreadyExists(write.path)
            elif snapshot:
                over[write.path] = Put(write.path, write.data, version, write.expires)
        if not over and (not bound or isinstance(refusal, google.InvalidArgument)):
            raise refusal
        return [over.get(write.path, write) for write in writes]

    async def _snapshots(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        """The documents that are there, by path, expired ones too."""
        references = [self._client.document(path) for path in dict.fromkeys(paths)]
        if not references:
            return {}
        found = self._client.get_all(references, retry=RETRY, timeout=SECONDS)
        return {snapshot.reference.path: snapshot async for snapshot in found if snapshot.exists}

    def _document(self, snapshot: Snapshot, fields: Sequence[str] = ()) -> Document | None:
        """What the port shows of a document as Firestore read it: all of it, or these fields."""
        data = snapshot.to_dict()
        if data is None or (EXPIRY in data and data[EXPIRY] <= self._clock.now()):
            return None
        shown = read_data(data)
        if fields:
            shown = {name: value for name, value in shown.items() if name in fields}
        return Document(snapshot.reference.path, shown, version_of(snapshot))

    async def query(self, collection: str, query: Query) -> Page:
        """The documents directly in `collection` that match."""
        check_collection(collection)
        return await self._page(Source.collection(self._client, collection), query, collection)

    async def query_group(self, group: str, query: Query) -> Page:
        """The documents of every collection of that last name. A name in a condition is a whole path."""
        check_collection(group)
        return await self._page(Source.group(self._client, group), query, group)

    async def _page(self, source: Source, query: Query, named: str) -> Page:
        """As many live documents as asked; expired ones count for nothing, so it may read on."""
        check_query(query)
        order = ordering(query)
        place = None if query.cursor is None else place_of(query.cursor, order, self._client)
        documents: list[Document] = []
        with answers(f"querying {named!r}"):
            asked = source.where(query.where)
            for path, direction in order:
                asked = asked.order_by(path, direction=direction)
            if query.fields:  # where it stands in the order, and whether it expired, is read beside them
                beside = (path for path, _ in order if path != NAME)
                asked = asked.select([*map(field_path, query.fields), *beside, EXPIRY])
            while True:
                short = query.limit - len(documents)
                rest = asked.start_after(place) if place else asked
                found = await rest.limit(short + 1).get(retry=RETRY, timeout=SECONDS)
                documents += [
                    document for one in found[:short] if (document := self._document(one, query.fields))
                ]
                if len(found) <= short:
                    return Page(tuple(documents))
                place = position(found[short - 1], order)
                if len(documents) == query.limit:
                    return Page(tuple(documents), cursor_of(place))

    async def count(self, collection: str, where: tuple[Where, ...] = (), *, most: int | None = None) -> int:
        """How many documents match; `most` of them are enough.

        Only where a collection holds expired documents are those counted too, and taken away; with
        conditions that needs an index of their fields and the expiry.
        """
        check_collection(collection)
        check_where(where)
        expired = FieldFilter(EXPIRY, "<=", self._clock.now())
        with answers(f"counting {collection!r}"):
            source = Source.collection(self._client, collection)
            matching = source.where(where)
            number, any_expired = await asyncio.gather(
                _counted(matching.limit(most) if most is not None else matching),
                _counted(source.everything.where(filter=expired).limit(1)),
            )
            if any_expired:
                number = await _counted(matching) - await _counted(matching.where(filter=expired))
            return number if most is None else min(number, most)

    async def ping(self) -> None:
        """Returns when the store answers. Raises Transient."""
        await self.get("platform/agency/health/ping")

    async def close(self) -> None:
        """Hang up."""
        if "_client" in self.__dict__:
            await self._client.hang_up()


def version_of(snapshot: Snapshot) -> str:
    """When a document was last written, to the nanosecond; a query of a group gives it in the wire's form."""
    at: Any = snapshot.update_time
    if not isinstance(at, datetime):
        at = DatetimeWithNanoseconds.from_timestamp_pb(at)  # type: ignore[no-untyped-call]
    return str(at.rfc3339())


async def _counted(asked: AsyncQuery) -> int:
    aggregation: Any = asked.count()  # the library's annotation says a class, where it gives an object
    results = await aggregation.get(retry=RETRY, timeout=SECONDS)
    return int(results[0][0].value)
