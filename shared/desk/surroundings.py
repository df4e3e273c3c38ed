"""Changes a conversation with what stands around it: its handover, and the colleagues who hold it.

Head, handover and colleagues are read together and written together, so that nobody has a conversation
that the head gives to another, and nobody's capacity is passed by two changes at once.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from shared import outbox
from shared.config.behavior import Escalation
from shared.config.schema import DeskConfig
from shared.desk.commit import Change, as_data, commit, head_path, read_head
from shared.desk.retention import UNKNOWN, messages_until, receipts_until
from shared.desk.room import look_again
from shared.desk.services import Services
from shared.domain.colleagues import DESK, Actor, Colleague
from shared.domain.conversation import Head
from shared.domain.errors import AlreadyExists, NotThere, Permanent, PreconditionFailed, Transient
from shared.domain.events import Happened
from shared.domain.handovers import Handover, handover_path
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.outbox import Intent, Publication
from shared.ports import Create, Document, Put, Write
from shared.security.tenancy import TenantStore

ATTEMPTS = 25
"""How often a contended change is decided anew before its caller is told to come back later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A conversation as a decision finds it."""

    head: Head
    handover: Handover | None  # the one under way
    colleagues: Mapping[
        str, Colleague
    ]  # by id: who acts, who has it, whom it is offered to, who else was asked for
    config: DeskConfig | None  # None where the desk is published no more
    now: datetime
    rev: int  # the head's revision that the change will make

    @property
    def escalation(self) -> Escalation:
        """How the desk hands over to people."""
        return self.config.behavior.escalation if self.config else Escalation()

    @property
    def until(self) -> datetime:
        """When what is said now goes, and what is derived from it."""
        return messages_until(self.config, self.now) if self.config else self.now + UNKNOWN

    def name_of(self, colleague: str) -> str:
        """What people call a colleague."""
        known = self.colleagues.get(colleague)
        return known.name if known else "a colleague"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a decision wants: the new head, the handover as it becomes, and what goes with them."""

    head: Head
    handover: Handover | None = None  # None leaves it as it is
    writes: Sequence[Write] = field(default=())
    intents: Sequence[outbox.Intent] = field(default=())
    why: str = ""


Decide = Callable[[Scene], Move | None]
"""Given the scene, the move, or None where nothing is to be done."""


@dataclass(frozen=True, slots=True)
class _Read:
    """The scene with the documents it was read from."""

    scene: Scene
    head: Document
    handover: Document | None
    colleagues: Mapping[str, Document]


async def change(
    services: Services,
    store: TenantStore,
    conversation: str,
    decide: Decide,
    *,
    by: Actor = DESK,
    involved: Sequence[str] = (),
) -> Head:
    """Carry out what `decide` wants; the head as it then is. `involved` are further colleagues to read.

    Afterwards a conversation is held by whom the head gives it to while a person has it, and by whom its
    handover is offered to; every colleague read has it in `holding`, or not, accordingly. Raises
    Permanent where there is no such conversation or `by` was removed, and whatever `decide` raises;
    Transient when contention does not end.
    """
    for attempt in range(ATTEMPTS):
        read = await _read(services, store, conversation, (by.id, *involved))
        _check_works_here(read.scene, by)
        wanted = decide(read.scene)
        if wanted is None:
            return read.scene.head
        try:
            head = await _commit(services, store, conversation, read, wanted, by=by)
        except (AlreadyExists, PreconditionFailed) as lost:
            if not _ours(lost.path):
                raise
            head = None
        if head is not None:
            return head
        await asyncio.sleep(random.uniform(0, 0.005 * 2 ** min(attempt, 5)))
    raise Transient(f"conversation {conversation} is contended; nothing was changed", retry_after=1)


def _check_works_here(scene: Scene, by: Actor) -> None:
    """Returns unless they were removed, though a page of theirs is still open. Raises Permanent."""
    who = scene.colleagues.get(by.id)
    if who is not None and who.removed:
        raise Permanent("you do not work here any more; ask an owner to invite you again")


def _ours(path: str) -> bool:
    """Whether a lost race was over a document of the scene."""
    return path.split("/")[-2] in ("colleagues", "handovers", "conversations")


async def _read(services: Services, store: TenantStore, conversation: str, involved: Sequence[str]) -> _Read:
    document = await store.get(head_path(conversation))
    head = read_head(document)
    if document is None or head is None:
        raise NotThere(f"conversation {conversation} is unknown; look at the list of conversations")
    found = await store.get(handover_path(head.handover)) if head.handover else None
    handover = msgspec.convert(found.data, Handover) if found else None
    offered = handover.offered_to if handover else ""
    ids = list(dict.fromkeys(one for one in (*involved, head.assignee, offered) if one))
    people = await store.get_many([f"colleagues/{one}" for one in ids]) if ids else []
    documents = {one: there for one, there in zip(ids, people, strict=True) if there}
    published = await services.versions.published(head.desk)
    scene = Scene(
        head=head,
        handover=handover,
        colleagues={one: msgspec.convert(there.data, Colleague) for one, there in documents.items()},
        config=published.config if published else None,
        now=services.ports.clock.now(),
        rev=head.rev + 1,
    )
    return _Read(scene, document, found, documents)


async def _commit(
    services: Services, store: TenantStore, conversation: str, read: _Read, wanted: Move, *, by: Actor
) -> Head | None:
    """The head as written, None where it changed since it was read."""
    config, now = read.scene.config, read.scene.now
    holding, freed = _holding(conversation, read, wanted)
    writes = [*wanted.writes, *_handover(read, wanted), *holding]
    intents = [*wanted.intents, *([look_again(store.tenant, now)] if freed else [])]
    until = receipts_until(config, now) if config else now + UNKNOWN

    def decide(head: Head | None, _: int) -> Change | None:
        if head != read.scene.head:
            return None
        return Change(
            head=wanted.head, writes=writes, intents=intents, by=by, why=wanted.why, told_until=until
        )

    return await commit(services.ports, store, conversation, decide, read=read.head)


def _handover(read: _Read, wanted: Move) -> list[Write]:
    """The handover as it becomes: made, where the head names one that was not there."""
    after = wanted.handover
    if after is None or after == read.scene.handover:
        return []
    path, data, expires = handover_path(after.id), as_data(after), read.scene.until
    if read.handover is not None and read.handover.path == path:
        return [Put(path, data, version=read.handover.version, expires=expires)]
    return [Create(path, data, expires=expires)]


def _holding(conversation: str, read: _Read, wanted: Move) -> tuple[list[Write], bool]:
    """The colleagues who come to hold the conversation, or hold it no more; whether any of these got room."""
    head, handover = wanted.head, wanted.handover or read.scene.handover
    holders = {head.assignee} if head.state == "human_active" else set()
    if handover is not None and handover.state == "offered":
        holders.add(handover.offered_to)
    writes: list[Write] = []
    freed = False
    for one, colleague in read.scene.colleagues.items():
        has, had = one in holders, conversation in colleague.holding
        if has == had:
            continue
        freed = freed or had
        others = tuple(held for held in colleague.holding if held != conversation)
        after = msgspec.structs.replace(
            colleague,
            holding=(*others, conversation) if has else others,
            given_at=stamp(read.scene.now) if has else colleague.given_at,
        )
        document = read.colleagues[one]
        writes.append(Put(document.path, as_data(after), version=document.version))
    return writes, freed


def happened(
    tenant: str, conversation: str, scene: Scene, *, what: str, data: dict[str, object] | None = None
) -> Intent:
    """The fact that people did something about a conversation, for whoever watches; it holds no words."""
    handover: dict[str, object] = {"handover": scene.head.handover} if scene.head.handover else {}
    return Publication.of(
        Happened(
            event_id=digest(what, conversation, str(scene.rev)),
            tenant=tenant,
            what=what,
            at=stamp(scene.now),
            conversation=conversation,
            data=handover | (data or {}),
        )
    )
