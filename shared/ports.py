"""Every door to the outside on one page; a backend is one class each, and contract tests define "works".

Documents are JSON: text, numbers, booleans, None, lists and maps of these, and `bytes`. Instants in
them are stamps (`shared.domain.instants`). Paths alternate collection and document names,
`tenants/acme/desks/front`; a name has no slash and 1 to 500 bytes.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Data = dict[str, object]


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document as it was read."""

    path: str
    data: Data
    version: str  # opaque; changes with every write, and is what a precondition names

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Create:
    """Write a document that must not exist yet."""

    path: str
    data: Data
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole document. With `version`, only if it is still the one read."""

    path: str
    data: Data
    version: str | None = None
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a document; one that is gone already is no error. With `version`, only if unchanged."""

    path: str
    version: str | None = None


Write = Create | Put | Delete


@dataclass(frozen=True, slots=True)
class Where:
    """One condition on a top-level or dotted field. `in` takes up to 30 values."""

    field: str
    op: Literal["==", "!=", "<", "<=", ">", ">=", "in", "contains"]
    value: object


@dataclass(frozen=True, slots=True)
class Query:
    """Which documents of a collection, in which order. All conditions must hold.

    `order` names fields, `-` before one for descending; ties break by document name. `cursor` is the
    one a former page gave. A document without an ordered field is not in the answer. `__name__`
    stands for the document's name, and orders upwards alone. `fields` are the top-level ones to read, so
    that a list costs no more than it shows; the documents hold no others.
    """

    where: tuple[Where, ...] = ()
    order: tuple[str, ...] = ()
    limit: int = 100
    cursor: str | None = None
    fields: tuple[str, ...] = ()  # empty = all


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a query; `cursor` is None where nothing follows."""

    documents: tuple[Document, ...]
    cursor: str | None = None


class Store(Protocol):
    """Documents. Expired ones are never returned, however late the backend removes them."""

    async def get(self, path: str) -> Document | None:
        """The document, or None."""
        ...

    async def get_many(self, paths: Sequence[str]) -> list[Document | None]:
        """The documents in the order asked, None for each that is missing."""
        ...

    async def create(self, path: str, data: Data, *, expires: datetime | None = None) -> bool:
        """Write it unless it exists; False where it does. Of racing callers exactly one gets True."""
        ...

    async def commit(self, writes: Sequence[Write]) -> None:
        """All of the writes or none, at most 400. Every write is on a document of its own.

        Raises AlreadyExists or PreconditionFailed naming the path, Transient where the outcome is a
        busy store. A Transient commit may have happened: read before doing it again.
        """
        ...

    async def query(self, collection: str, query: Query) -> Page:
        """The documents directly in `collection` that match."""
        ...

    async def query_group(self, group: str, query: Query) -> Page:
        """The documents of every collection of that last name, anywhere. For the platform only."""
        ...

    async def count(self, collection: str, where: tuple[Where, ...] = (), *, most: int | None = None) -> int:
        """How many documents match; no more than `most` are counted, for that is what it costs."""
        ...

    async def ping(self) -> None:
        """Returns when the store answers. Raises Transient."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """A message the bus gave up on after its attempts."""

    id: str
    topic: str
    handler: str
    body: bytes
    error: str
    died_at: str  # a stamp


class Bus(Protocol):
    """Tells facts to the handlers subscribed to a topic: at least once, in no promised order.

    A handler that fails is tried again with growing pauses, then its letter is dead until replayed.
    """

    async def publish(self, topic: str, body: bytes, *, attributes: dict[str, str] | None = None) -> None:
        """Durable when it returns. Raises Transient where the bus is out of reach."""
        ...

    async def dead(self, limit: int = 100) -> list[Letter]:
        """The dead letters, newest first."""
        ...

    async def replay(self, letter: str) -> None:
        """Tell one dead letter's handler again with its attempts at zero. Raises Permanent if unknown."""
        ...

    async def ping(self) -> None:
        """Returns when the bus answers. Raises Transient."""
        ...


class Timers(Protocol):
    """Calls a handler once at an instant, at least once, never early; any distance ahead.

    A name is never reused: whoever moves a timer cancels it and sets one of another name.
    """

    async def set(self, name: str, due: datetime, handler: str, payload: Data) -> None:
        """Durable when it returns. A name that is set already, or ran lately, changes nothing."""
        ...

    async def cancel(self, name: str) -> None:
        """Forget it; one that is gone is no error. It may still fire if it was already under way."""
        ...

    async def sweep(self) -> int:
        """Take up timers that lay too far ahead for whoever keeps them; how many. Call it on schedule."""
        ...

    async def ping(self) -> None:
        """Returns when timers can be set. Raises Transient."""
        ...


class Together(Protocol):
    """Documents, facts and instants in one commit, where one file holds all three: no outbox is needed."""

    async def commit(
        self,
        writes: Sequence[Write],
        *,
        facts: Sequence[tuple[str, bytes]],
        timers: Sequence[tuple[str, datetime, str, Data]],
    ) -> None:
        """All of it or none. Facts are (topic, body), timers (name, due, handler, payload). Raises as
        `Store.commit`.
        """
        ...


class Blobs(Protocol):
    """Bytes too large for a document, by a name with slashes."""

    async def put(self, name: str, content: bytes, media_type: str) -> None:
        """Write or overwrite."""
        ...

    async def get(self, name: str) -> tuple[bytes, str] | None:
        """The bytes and their media type, or None."""
        ...

    async def delete(self, name: str) -> None:
        """Remove; one that is gone is no error."""
        ...


class Secrets(Protocol):
    """Values nobody writes down: the environment's on a laptop, Secret Manager's in the cloud."""

    async def get(self, name: str) -> str | None:
        """The newest value, or None where there is none by that name."""
        ...


class Live(Protocol):
    """Wakes whoever watches a key, across processes. Notes are hints: what they announce is in the Store.

    A note may carry a small provisional payload (a partial sentence), which is never replayed.
    """

    async def notify(self, key: str, note: Data | None = None) -> None:
        """Wake the watchers of a key. Never waits for them."""
        ...

    def watch(self, key: str) -> AsyncIterator[Data | None]:
        """Yields at each notification from the moment it is first awaited; several may fold into one
        None note, payload notes each come. Close it with `aclose`.
        """
        ...


class Clock(Protocol):
    """The time, so that a test can move it."""

    def now(self) -> datetime:
        """Now, aware, UTC."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The doors of one process, as bootstrap opened them."""

    store: Store
    bus: Bus
    timers: Timers
    blobs: Blobs
    secrets: Secrets
    live: Live
    clock: Clock
    together: Together | None = None
