"""Who is signed in where: a session is known by a random token, of which we keep only the digest.

Documents of the platform: `sessions/{digest}`, gone fourteen days after they were last used.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import msgspec

from shared.domain.errors import PreconditionFailed
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.ports import Clock, Data, Delete, Document, Put, Query, Where
from shared.security.people import Person, person_path, read_person
from shared.security.tenancy import PlatformStore

LASTS = timedelta(days=14)
SLIDES = timedelta(hours=1)
"""How long a session lasts unused, and how often using it is written down."""

_MOST = 100


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One browser that is signed in."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    person: str
    browser: str = ""  # as people name it: "Chrome on Linux"
    begun_at: str  # a stamp, as below
    seen_at: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that holds, with its person as they are now."""

    id: str
    session: Session
    person: Person


def session_id(token: str) -> str:
    """What a token's session is named by."""
    return digest("session", token)


def csrf_of(token: str) -> str:
    """What a page of that session sends back with a change, which no other site can know.

    It is written otherwise each time: beside words of somebody else's choosing, the length of a compressed
    page would tell what stays the same in it.
    """
    secret = bytes.fromhex(digest("csrf", token))
    mask = secrets.token_bytes(len(secret))
    return mask.hex() + _masked(secret, mask).hex()


def same_csrf(one: str, other: str) -> bool:
    """Whether both are a session's CSRF token, however each is written."""
    return secrets.compare_digest(_plain(one), _plain(other))


def _plain(written: str) -> bytes:
    try:
        both = bytes.fromhex(written)
    except ValueError:
        both = b""
    half = len(both) // 2
    return _masked(both[half:], both[:half]) or secrets.token_bytes(1)  # nothing is the same as nothing


def _masked(secret: bytes, mask: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(secret, mask, strict=False))


@dataclass(frozen=True, slots=True)
class Sessions:
    """Every session there is."""

    platform: PlatformStore
    clock: Clock

    async def begin(self, person: str, browser: str) -> str:
        """Sign a person in; the token their browser keeps, which nobody sees again."""
        token = f"{person}.{secrets.token_urlsafe(32)}"
        now = stamp(self.clock.now())
        await self._write(token, Session(person=person, browser=browser, begun_at=now, seen_at=now))
        return token

    async def find(self, token: str) -> SignedIn | None:
        """The session of a token, or None where there is none that holds."""
        whose, _, random = token.partition(".")
        if not whose.isalnum() or not random or len(token) > 200:
            return None
        identity = session_id(token)
        found, person_document = await self.platform.get_many([_path(identity), person_path(whose)])
        person = read_person(person_document)
        if found is None or person is None or not person.rights:
            return None
        session = _read(found)
        if session.person != person.id:
            return None
        now = self.clock.now()
        if now - instant(session.seen_at) > SLIDES:
            session = msgspec.structs.replace(session, seen_at=stamp(now))
            with suppress(PreconditionFailed):  # another request was quicker, or it was ended just now
                await self._write(token, session, version=found.version)
        return SignedIn(identity, session, person)

    async def of(self, person: str) -> list[SignedIn]:
        """A person's sessions, the last used first."""
        page = await self.platform.query("sessions", Query((Where("person", "==", person),), limit=_MOST))
        owner = read_person(await self.platform.get(person_path(person)))
        found = [SignedIn(one.name, _read(one), owner) for one in page.documents] if owner else []
        return sorted(found, key=lambda one: one.session.seen_at, reverse=True)

    async def end(self, identity: str) -> None:
        """Sign one session out; one that is gone is no error."""
        await self.platform.commit([Delete(_path(identity))])

    async def end_all(self, person: str, *, but: str = "") -> None:
        """Sign a person out everywhere, except in the session `but`, however many there are."""
        whose, cursor = (Where("person", "==", person),), None
        while True:
            page = await self.platform.query("sessions", Query(whose, limit=_MOST, cursor=cursor))
            gone = [Delete(_path(one.name)) for one in page.documents if one.name != but]
            if gone:
                await self.platform.commit(gone)
            cursor = page.cursor
            if cursor is None:
                return

    async def _write(self, token: str, session: Session, version: str | None = None) -> None:
        data: Data = msgspec.to_builtins(session)
        expires = instant(session.seen_at) + LASTS
        await self.platform.commit([Put(_path(session_id(token)), data, version=version, expires=expires)])


def _path(identity: str) -> str:
    return f"sessions/{identity}"


def _read(document: Document) -> Session:
    return msgspec.convert(document.data, Session)
