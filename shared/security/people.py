"""Who can sign in: one person of the agency or of a business, and what each may where.

Documents of the platform: `people/{id}`, and `emails/{digest}`, which makes an address one person's.
"""

import re
from typing import ClassVar

import msgspec

from shared.domain.colleagues import RANKS, Role
from shared.domain.errors import Permanent
from shared.domain.identity import digest
from shared.ports import Create, Data, Document, Put, Write
from shared.security.tenancy import PlatformStore

AGENCY = "*"
"""In a person's rights: what they may in every business, as the agency's own people may."""

_ADDRESS = re.compile(r"[^@\s<>\"',;]{1,64}@[^@\s<>\"',;]{1,190}\.[^@\s<>\"',;.]{2,}")


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who can sign in."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    name: str
    email: str  # as `address` gives it
    password: str = ""  # its argon2id hash
    rights: dict[str, Role] = {}  # by tenant, or AGENCY
    created_at: str = ""


def address(text: str) -> str:
    """An e-mail address as we keep it. Raises Permanent where the text is none."""
    found = text.strip().lower()
    if not _ADDRESS.fullmatch(found):
        raise Permanent(f"{text.strip()[:80]!r} is not an e-mail address; write one like asha@example.com")
    return found


def role_in(person: Person, tenant: str) -> Role | None:
    """The most a person may in a business, or None where they have no business there."""
    held = [role for role in (person.rights.get(tenant), person.rights.get(AGENCY)) if role]
    return max(held, key=RANKS.index, default=None)


def person_path(person: str) -> str:
    """Where a person stands on the platform."""
    return f"people/{person}"


def email_path(email: str) -> str:
    """Where it stands whose an address is."""
    return f"emails/{digest('email', email)}"


def read_person(document: Document | None) -> Person | None:
    """The person in a document."""
    return msgspec.convert(document.data, Person) if document else None


def begins(person: Person) -> list[Write]:
    """What makes a new person; a commit with it raises AlreadyExists where the address is somebody's."""
    return [
        Create(person_path(person.id), _data(person)),
        Create(email_path(person.email), {"shape": 1, "person": person.id}),
    ]


def changes(person: Person, read: Document) -> Write:
    """What writes a person anew, if nobody else did since."""
    return Put(person_path(person.id), _data(person), version=read.version)


async def find(platform: PlatformStore, person: str) -> tuple[Person, Document] | None:
    """A person and the document they were read from."""
    document = await platform.get(person_path(person))
    found = read_person(document)
    return (found, document) if found and document else None


async def find_by_email(platform: PlatformStore, email: str) -> tuple[Person, Document] | None:
    """The person an address belongs to."""
    owner = await platform.get(email_path(email))
    return await find(platform, str(owner.data["person"])) if owner else None


def _data(person: Person) -> Data:
    data: Data = msgspec.to_builtins(person)
    return data
