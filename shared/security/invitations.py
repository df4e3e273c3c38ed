"""Links that let somebody in once: the agency's owners, and colleagues that a business invites.

Documents of the platform: `invitations/{digest}` of the link's token, which we keep nowhere, and
`marks/first_owner`, made when the first owner came.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

import msgspec

from shared.domain.colleagues import Role
from shared.domain.errors import AlreadyExists, Permanent, PreconditionFailed
from shared.domain.identity import digest, new_id
from shared.domain.instants import instant, stamp
from shared.ports import Clock, Create, Data, Delete, Document, Query, Where, Write
from shared.security import passwords
from shared.security.people import AGENCY, Person, address, begins, changes, find_by_email
from shared.security.sessions import Sessions
from shared.security.staff import joins
from shared.security.tenancy import PlatformStore

May = Callable[[Role], None]
"""Returns if whoever asks may invite people of a role, and undo it; raises Denied."""


def _anything(_: Role) -> None:
    """What the installation itself may."""


LASTS = timedelta(days=7)
OWNER_LASTS = timedelta(days=1)
_FIRST = "marks/first_owner"
_MOST = 200


class Gone(Permanent):
    """A link that was used, withdrawn, or is too old."""

    def __init__(self) -> None:
        super().__init__("This link was used already, was withdrawn, or is too old. Ask for a new one.")


class AlreadyHere(Permanent):
    """The address has a password: its person accepts by signing in."""

    def __init__(self) -> None:
        super().__init__("You have a password here already: sign in, and open this link again.")


class Invitation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a link gives."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    kind: Literal["first_owner", "owner", "colleague"]
    tenant: str = ""  # empty for the agency's owners
    role: Role = "owner"
    email: str = ""  # whose it is; empty where the link is given by hand
    skills: tuple[str, ...] = ()
    capacity: int = 5
    by: str = ""  # who invited, by name
    until: str  # a stamp


@dataclass(frozen=True, slots=True)
class Invitations:
    """Every open invitation."""

    platform: PlatformStore
    clock: Clock

    async def owner_missing(self) -> bool:
        """Whether nobody owns this installation yet."""
        return await self.platform.get(_FIRST) is None

    async def for_owner(self, *, first: bool) -> str:
        """The token of a link that makes an owner of the agency; a first one only while there is none."""
        until = stamp(self.clock.now() + OWNER_LASTS)
        return await self._make(Invitation(kind="first_owner" if first else "owner", until=until))

    async def for_colleague(
        self,
        tenant: str,
        email: str,
        *,
        role: Role,
        skills: tuple[str, ...],
        capacity: int,
        by: str,
        may: May = _anything,
    ) -> str:
        """The token of a link for one address, in place of any it had there.

        Raises Permanent, and whatever `may` does for the role it gives, or one that it takes the place of.
        """
        may(role)
        written = address(email)
        for one, invitation in await self.of(tenant):
            if invitation.email == written:
                await self.withdraw(tenant, one, may)
        return await self._make(
            Invitation(
                kind="colleague",
                tenant=tenant,
                role=role,
                email=written,
                skills=skills,
                capacity=capacity,
                by=by,
                until=stamp(self.clock.now() + LASTS),
            )
        )

    async def of(self, tenant: str) -> list[tuple[str, Invitation]]:
        """The open invitations of a business, each with its id."""
        page = await self.platform.query("invitations", Query((Where("tenant", "==", tenant),), limit=_MOST))
        found = [(one.name, _read(one)) for one in page.documents]
        return sorted(found, key=lambda one: one[1].email)

    async def withdraw(self, tenant: str, identity: str, may: May = _anything) -> None:
        """Make a link worthless. One that is gone, or another business's, is left alone.

        Raises whatever `may` does for its role.
        """
        document = await self.platform.get(f"invitations/{identity}")
        invitation = _read(document) if document else None
        if document is not None and invitation is not None and invitation.tenant == tenant:
            may(invitation.role)
            await self.platform.commit([Delete(document.path)])

    async def read(self, token: str) -> Invitation:
        """What a link gives. Raises Gone."""
        return (await self._open(token))[0]

    async def accept(self, token: str, *, name: str, email: str, password: str) -> Person:
        """Somebody new comes in by a link. Raises Gone, AlreadyHere, or Permanent with what to mend.

        An owner's link comes from whoever runs the machine, so it also gives an old address a new password.
        """
        invitation, document = await self._open(token)
        written, called = address(invitation.email or email), " ".join(name.split())[:80]
        if not called:
            raise Permanent("Write your name, as colleagues and customers see it.")
        passwords.demand_good(password, called, written)
        found = await find_by_email(self.platform, written)
        if found is not None and invitation.kind == "colleague" and found[0].password:
            raise AlreadyHere
        person = found[0] if found else Person(id=new_id(), name=called, email=written)
        person = msgspec.structs.replace(
            person,
            name=called,
            password=await passwords.hashed(password),
            rights=_rights(person, invitation),
            created_at=person.created_at or stamp(self.clock.now()),
        )
        ours = [changes(person, found[1])] if found else begins(person)
        await self._use(invitation, document, person, ours)
        if found:  # whoever knew the old password is out
            await Sessions(self.platform, self.clock).end_all(person.id)
        return person

    async def accept_as(self, token: str, person: Person, read: Document) -> Person:
        """Somebody who is signed in takes another business. Raises Gone, or Permanent if it is not theirs."""
        invitation, document = await self._open(token)
        if invitation.email and invitation.email != person.email:
            raise Permanent(f"This link is for {invitation.email}, and you are signed in as {person.email}.")
        person = msgspec.structs.replace(person, rights=_rights(person, invitation))
        await self._use(invitation, document, person, [changes(person, read)])
        return person

    async def _use(
        self, invitation: Invitation, document: Document, person: Person, ours: list[Write]
    ) -> None:
        ours = [Delete(document.path, version=document.version), *ours]
        if not invitation.tenant and await self.owner_missing():
            ours.append(Create(_FIRST, {"shape": 1, "person": person.id, "at": person.created_at}))
        try:
            if not invitation.tenant:
                await self.platform.commit(ours)
                return
            store = self.platform.tenant(invitation.tenant)
            joining = await joins(store, person, invitation.role, invitation.skills, invitation.capacity)
            await self.platform.commit_with(invitation.tenant, ours=ours, theirs=[joining])
        except (AlreadyExists, PreconditionFailed) as error:  # of two who use it at once one is too late
            raise Gone from error

    async def _make(self, invitation: Invitation) -> str:
        token = secrets.token_urlsafe(32)
        data: Data = msgspec.to_builtins(invitation)
        await self.platform.create(_path(token), data, expires=instant(invitation.until))
        return token

    async def _open(self, token: str) -> tuple[Invitation, Document]:
        document = await self.platform.get(_path(token))
        if document is None:
            raise Gone
        invitation = _read(document)
        if invitation.kind == "first_owner" and not await self.owner_missing():
            raise Gone
        return invitation, document


def _path(token: str) -> str:
    return f"invitations/{digest('invitation', token)}"


def _read(document: Document) -> Invitation:
    return msgspec.convert(document.data, Invitation)


def _rights(person: Person, invitation: Invitation) -> dict[str, Role]:
    return person.rights | {invitation.tenant or AGENCY: invitation.role}
