"""Watchers woken by Firestore's Listen: a note is a small document that soon expires.

Only the synchronous client listens, on threads of its own; one Listen serves all watchers of a key in
this process. Each note is a document of its own, so none folds into the next and no document runs hot.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any, cast

from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore_v1 import Client
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.watch import ChangeType, Watch

from shared.backends.google import answers
from shared.backends.google.values import read_data
from shared.domain.errors import FrontdeskError, Transient
from shared.domain.identity import digest, new_id
from shared.domain.instants import stamp
from shared.ports import Clock, Data, Live, Query, Store, Where

NOTES = "live_notes"  # the collection group a TTL policy empties
KEPT = timedelta(minutes=10)
LONGEST_QUEUE = 256
ATTEMPTS, PATIENCE = 3, 3.0  # a Listen says something at once, or hangs (the emulator's sometimes does)
LOOK = 15.0  # seconds after which a silent watcher looks whether it is still connected

Note = tuple[str, Data | None]  # when it was written, a stamp, and its payload


class Listener(Client):
    """The official client with the emulator's address handed in, not taken from the environment."""

    def __init__(self, project: str, database: str, emulator: str | None) -> None:
        credentials = AnonymousCredentials() if emulator else None  # type: ignore[no-untyped-call]
        super().__init__(project=project, database=database, credentials=credentials)
        if emulator:
            self._emulator_host = emulator

    def hang_up(self) -> None:
        """Close the connection, which the library's own `close` leaves open."""
        if self._firestore_api_internal is not None:
            self._firestore_api_internal.transport.close()


@dataclass(slots=True, eq=False)
class _Watcher:
    """What one watcher has not seen yet."""

    since: str  # a stamp; older notes are not for it
    notes: list[Data | None] = field(default_factory=list)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, note: Data | None) -> None:
        """Add a note; those without payload fold."""
        if len(self.notes) >= LONGEST_QUEUE:  # a watcher that slow is better off reading the Store
            self.notes.clear()
            note = None
        if note is not None or not self.notes or self.notes[-1] is not None:
            self.notes.append(note)
        self.woken.set()


@dataclass(slots=True)
class _Key:
    """The watchers of a key and the Listen that they share.

    A note written while a Listen begins may be missed by it (the emulator does), so notes are held
    back until those of that moment were also read, and are then told in their order.
    """

    watchers: set[_Watcher] = field(default_factory=set)
    listen: asyncio.Task[Watch] | None = None
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    held: dict[str, Note] | None = field(default_factory=dict)
    read: set[str] = field(default_factory=set)

    def hear(self, notes: dict[str, Note]) -> None:
        """Take what the Listen says."""
        self.heard.set()
        if self.held is not None:
            self.held |= notes
            return
        for name, note in notes.items():
            if name not in self.read:
                self._tell(note)

    def begin(self, read: dict[str, Note]) -> None:
        """Add what was read, and from now on pass notes on as they come."""
        notes, self.held, self.read = read | (self.held or {}), None, set(read)
        for note in sorted(notes.values(), key=lambda note: note[0]):
            self._tell(note)

    def _tell(self, note: Note) -> None:
        """Pass a note on to whoever watched when it was written."""
        at, payload = note
        for watcher in self.watchers:
            if at > watcher.since:
                watcher.tell(payload)


class GoogleLive(Live):
    """The Live of one Firestore database; notes are written through `store`, of the same database."""

    def __init__(
        self,
        project: str,
        *,
        store: Store,
        clock: Clock,
        database: str = "(default)",
        emulator: str | None = None,
    ) -> None:
        self._project = project
        self._database = database
        self._emulator = emulator
        self._store = store
        self._clock = clock
        self._keys: dict[str, _Key] = {}
        self._stopping: set[asyncio.Task[None]] = set()

    async def notify(self, key: str, note: Data | None = None) -> None:
        """Wake the watchers of a key. Never waits for them."""
        now = self._clock.now()
        written: Data = {"at": stamp(now), "note": note}
        await self._store.create(f"{_notes(key)}/{new_id()}", written, expires=now + KEPT)

    async def watch(self, key: str) -> AsyncIterator[Data | None]:
        """Yields at each notification from the moment it is first awaited. Raises Transient if cut off."""
        watcher = _Watcher(stamp(self._clock.now()))
        watched = self._keys.setdefault(key, _Key())
        watched.watchers.add(watcher)
        try:
            if watched.listen is None:
                watched.listen = asyncio.create_task(self._listen(key, watched, watcher.since))
            listen = await asyncio.shield(watched.listen)
            while listen.is_active:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK):  # not wait_for: 3.11's may lose a cancellation
                        await watcher.woken.wait()
                watcher.woken.clear()
                while watcher.notes:
                    yield watcher.notes.pop(0)
            raise Transient(f"Firestore cut off the watch of {key!r}: watch it again", retry_after=1.0)
        finally:
            watched.watchers.discard(watcher)
            if not watched.watchers and self._keys.get(key) is watched:
                del self._keys[key]
                await asyncio.shield(self._stop(watched))

    async def close(self) -> None:
        """Stop listening and hang up."""
        watched = list(self._keys.values())
        self._keys.clear()
        for one in watched:
            self._stop(one)
        await asyncio.gather(*self._stopping)
        if "_client" in self.__dict__:
            await asyncio.to_thread(self._client.hang_up)

    def _stop(self, watched: _Key) -> asyncio.Task[None]:
        """End a Listen; whoever hangs up waits for it, even if the watcher that ended it is gone."""
        stopping = asyncio.create_task(_ended(watched))
        self._stopping.add(stopping)
        stopping.add_done_callback(self._stopping.discard)
        return stopping

    @cached_property
    def _client(self) -> Listener:
        with answers("connecting to Firestore"):
            return Listener(self._project, self._database, self._emulator)

    async def _listen(self, key: str, watched: _Key, since: str) -> Watch:
        """Begin to listen for notes; the library calls back on its own thread, and connects again itself."""
        loop = asyncio.get_running_loop()

        def heard(_: Any, changes: Sequence[Any], __: Any) -> None:
            new = [change.document for change in changes if change.type is ChangeType.ADDED]
            notes = {document.id: _note(read_data(document.to_dict())) for document in new}
            if not loop.is_closed():
                loop.call_soon_threadsafe(watched.hear, notes)

        def begin() -> Watch:
            fresh = self._client.collection(_notes(key)).where(filter=FieldFilter("at", ">", since))
            return fresh.order_by("at").on_snapshot(heard)

        for _ in range(ATTEMPTS):
            with answers(f"watching {key!r}"):
                watch = await asyncio.to_thread(begin)
            try:
                async with asyncio.timeout(PATIENCE):
                    await watched.heard.wait()
                watched.begin(await self._since(key, since))
            except (TimeoutError, Transient):
                await asyncio.to_thread(watch.unsubscribe)
            else:
                return watch
        raise Transient(f"Firestore did not begin the watch of {key!r}", retry_after=1.0)

    async def _since(self, key: str, since: str) -> dict[str, Note]:
        """The notes written after an instant, by name."""
        written = Query(where=(Where("at", ">", since),), order=("at",))
        page = await self._store.query(_notes(key), written)
        return {document.name: _note(document.data) for document in page.documents}


async def _ended(watched: _Key) -> None:
    """End a Listen, which takes its threads a moment."""
    if watched.listen is not None:
        with contextlib.suppress(FrontdeskError):  # it never began
            await asyncio.to_thread((await watched.listen).unsubscribe)


def _notes(key: str) -> str:
    return f"platform/agency/live/{digest(key)}/{NOTES}"


def _note(data: Data) -> Note:
    return cast("str", data["at"]), cast("Data | None", data["note"])
