"""A business's people: what it knows of each and what each may, changed in one commit on both sides.

Documents: the tenant's `colleagues/{id}`, the platform's `people/{id}`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from shared import outbox
from shared.domain.colleagues import Colleague, Role
from shared.domain.errors import Permanent
from shared.ports import Create, Data, Document, Ports, Put, Query, Write
from shared.security.access import Access, Denied
from shared.security.people import AGENCY, Person, changes, find
from shared.security.sessions import Sessions
from shared.security.tenancy import TenantStore

MOST = 500
"""Colleagues of one business that are listed."""

FollowUp = Callable[[str, Colleague, datetime], outbox.Intent]
"""Given the tenant, a colleague as they become and now, what is to happen once that is committed."""


def colleague_path(colleague: str) -> str:
    """Where a colleague stands within their tenant."""
    return f"colleagues/{colleague}"


def read_colleague(document: Document | None) -> Colleague | None:
    """The colleague in a document."""
    return msgspec.convert(document.data, Colleague) if document else None


async def everyone(store: TenantStore) -> list[Colleague]:
    """A business's people by name, without those who were removed."""
    page = await store.query("colleagues", Query(limit=MOST))
    found = [msgspec.convert(one.data, Colleague) for one in page.documents]
    return sorted((one for one in found if not one.removed), key=lambda one: one.name.lower())


async def known(store: TenantStore, person: Person, role: Role) -> None:
    """Make the business know somebody of the agency who came by."""
    newcomer = Colleague(id=person.id, name=person.name, email=person.email, role=role)
    await store.create(colleague_path(person.id), _data(newcomer))


async def renamed(store: TenantStore, person: Person) -> None:
    """Let a business know a person's new name."""
    document = await store.get(colleague_path(person.id))
    colleague = read_colleague(document)
    if colleague is not None and document is not None:
        now = msgspec.structs.replace(colleague, name=person.name, email=person.email)
        await store.commit([Put(document.path, _data(now), version=document.version)])


async def joins(
    store: TenantStore, person: Person, role: Role, skills: Sequence[str], capacity: int
) -> Write:
    """What makes the business know a person, or know them again."""
    document = await store.get(colleague_path(person.id))
    before = read_colleague(document) or Colleague(id=person.id, name=person.name)
    now = msgspec.structs.replace(
        before,
        name=person.name,
        email=person.email,
        role=role,
        skills=tuple(skills),
        capacity=capacity,
        removed=False,
    )
    path = colleague_path(person.id)
    return Put(path, _data(now), version=document.version) if document else Create(path, _data(now))


@dataclass(frozen=True, slots=True)
class Staff:
    """One business's people, in the hands of somebody who may change them."""

    access: Access
    tenant: str
    ports: Ports
    follow_up: FollowUp

    @property
    def store(self) -> TenantStore:
        """The business's documents. Raises Denied for anybody below a supervisor."""
        return self.access.tenant(self.tenant, "supervisor")

    def demand(self, role: Role) -> None:
        """Returns if they may invite and change people of that role. Raises Denied."""
        if role != "human_agent":
            self.access.tenant(self.tenant, "owner")
        self.access.tenant(self.tenant, "supervisor")

    async def find(self, identity: str) -> tuple[Colleague, Document]:
        """A colleague. Raises Permanent where there is none of that id."""
        document = await self.store.get(colleague_path(identity))
        colleague = read_colleague(document)
        if colleague is None or document is None or colleague.removed:
            raise Permanent("This person is not here any more. Load the page again.")
        return colleague, document

    async def change(self, identity: str, *, role: Role, skills: Sequence[str], capacity: int) -> Colleague:
        """Give a colleague another role, other skills, another capacity. Raises Denied or Permanent."""
        colleague, document = await self.find(identity)
        self.demand(colleague.role)
        changed = msgspec.structs.replace(colleague, skills=tuple(skills), capacity=capacity)
        ours: list[Write] = []
        if role != colleague.role:
            person, read = await self._lesser(identity)
            self.demand(role)
            changed = msgspec.structs.replace(changed, role=role)
            ours = [changes(_with(person, {self.tenant: role}), read)]
        await self._commit(changed, document, ours)
        return changed

    async def remove(self, identity: str, sessions: Sessions) -> Colleague:
        """Take a colleague's access to this business. Raises Denied or Permanent."""
        colleague, document = await self.find(identity)
        self.demand(colleague.role)
        person, read = await self._lesser(identity)
        gone = msgspec.structs.replace(colleague, removed=True, presence="offline")
        left = _with(person, {self.tenant: None})
        await self._commit(gone, document, [changes(left, read)])
        if not left.rights:
            await sessions.end_all(identity)
        return gone

    async def _commit(self, colleague: Colleague, read: Document, ours: Sequence[Write]) -> None:
        """The colleague, the platform's writes, and what follows: all of it or none."""
        put = Put(read.path, _data(colleague), version=read.version)
        then = self.follow_up(self.tenant, colleague, self.ports.clock.now())
        platform = self.access.platform
        store, beside = platform.tenant(self.tenant), platform.placed(ours)
        await outbox.commit(self.ports, store, [put], [then], beside=beside)

    async def _lesser(self, identity: str) -> tuple[Person, Document]:
        """Somebody whose rights are this business's to change."""
        if identity == self.access.person.id:
            raise Denied("Your own role is for somebody else to change.")
        found = await find(self.access.platform, identity)
        if found is None:
            raise Permanent("This person is not here any more. Load the page again.")
        if AGENCY in found[0].rights:
            raise Denied("This person belongs to the agency, which has access to every business.")
        return found


def _with(person: Person, rights: dict[str, Role | None]) -> Person:
    merged = {tenant: role for tenant, role in (person.rights | rights).items() if role is not None}
    return msgspec.structs.replace(person, rights=merged)


def _data(colleague: Colleague) -> Data:
    data: Data = msgspec.to_builtins(colleague)
    return data
