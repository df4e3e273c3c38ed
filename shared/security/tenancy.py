"""One tenant's part of the Store, and the platform's: the only two ways to a path, so none is forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.errors import Permanent
from shared.domain.expiring import EXPIRING
from shared.ports import Create, Data, Delete, Document, Page, Put, Query, Store, Where, Write


def _expires_where_it_may(path: str) -> None:
    """Raises Permanent for a document with an end in a collection that no TTL policy would empty."""
    group = path.split("/")[-2]
    if group not in EXPIRING:
        raise Permanent(f"documents of {group!r} do not expire; name it in shared/domain/expiring.py first")


def _clean(path: str) -> str:
    parts = path.split("/")
    if ".." in parts or "" in parts:
        raise Permanent(f"{path!r} is not a path inside a tenant")
    return path


@dataclass(frozen=True, slots=True)
class _Part:
    """The documents below one prefix; paths go in and come out relative to it."""

    _store: Store
    _prefix: str

    def _in(self, path: str) -> str:
        return f"{self._prefix}/{_clean(path)}"

    def _out(self, document: Document) -> Document:
        return Document(document.path[len(self._prefix) + 1 :], document.data, document.version)

    async def get(self, path: str) -> Document | None:
        """The document, or None."""
        found = await self._store.get(self._in(path))
        return self._out(found) if found else None

    async def get_many(self, paths: Sequence[str]) -> list[Document | None]:
        """The documents in the order asked, None for each that is missing."""
        found = await self._store.get_many([self._in(path) for path in paths])
        return [self._out(document) if document else None for document in found]

    async def create(self, path: str, data: Data, *, expires: datetime | None = None) -> bool:
        """Write it unless it exists; False where it does."""
        if expires is not None:
            _expires_where_it_may(path)
        return await self._store.create(self._in(path), data, expires=expires)

    async def commit(self, writes: Sequence[Write]) -> None:
        """All of the writes or none; see `Store.commit`."""
        await self._store.commit(self.placed(writes))

    def placed(self, writes: Sequence[Write]) -> list[Write]:
        """The writes with whole paths, inside this part."""
        for write in writes:
            if not isinstance(write, Delete) and write.expires is not None:
                _expires_where_it_may(write.path)
        return [self._placed(write) for write in writes]

    def _placed(self, write: Write) -> Write:
        path = self._in(write.path)
        match write:
            case Create():
                return Create(path, write.data, write.expires)
            case Put():
                return Put(path, write.data, write.version, write.expires)
            case Delete():
                return Delete(path, write.version)

    async def query(self, collection: str, query: Query) -> Page:
        """The documents directly in `collection` that match."""
        page = await self._store.query(self._in(collection), query)
        return Page(tuple(self._out(document) for document in page.documents), page.cursor)

    async def count(self, collection: str, where: tuple[Where, ...] = (), *, most: int | None = None) -> int:
        """How many documents match, at most `most`."""
        return await self._store.count(self._in(collection), where, most=most)


@dataclass(frozen=True, slots=True)
class TenantStore(_Part):
    """The documents of one tenant."""

    tenant: str

    @classmethod
    def of(cls, store: Store, tenant: str) -> "TenantStore":
        """The part of `tenant`, a name already verified by whoever calls."""
        if not tenant or "/" in tenant or tenant in (".", ".."):
            raise Permanent(f"{tenant!r} is not a tenant's id")
        return cls(store, f"tenants/{tenant}", tenant)


@dataclass(frozen=True, slots=True)
class PlatformStore(_Part):
    """The agency's own documents, and the one place that may look across tenants."""

    @classmethod
    def of(cls, store: Store) -> "PlatformStore":
        """The platform's part."""
        return cls(store, "platform/agency")  # two names, so that what is below alternates as paths do

    async def across_tenants(self, group: str, query: Query) -> Page:
        """Documents of every tenant's collection of that name, with whole paths; for sweeps."""
        return await self._store.query_group(group, query)

    def tenant(self, tenant: str) -> TenantStore:
        """One tenant's part, for a tenant the platform itself named (a route, a path of a sweep)."""
        return TenantStore.of(self._store, tenant)

    async def commit_with(self, tenant: str, *, ours: Sequence[Write], theirs: Sequence[Write]) -> None:
        """One commit over the platform's documents and one tenant's; see `Store.commit`."""
        await self._store.commit([*self.placed(ours), *self.tenant(tenant).placed(theirs)])
