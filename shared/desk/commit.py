"""The one way conversation state changes: read the head, decide, write head and documents as one.

The head carries a precondition, so of two writers one wins and the other decides again on what it
finds. No transaction is held open: contended ones stall for seconds.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from shared import outbox
from shared.desk.inbox_hint import shows_in_inbox, wake_inbox
from shared.domain.colleagues import DESK, Actor
from shared.domain.conversation import Head, Message, sequence_name
from shared.domain.errors import AlreadyExists, FrontdeskError, PreconditionFailed, Transient
from shared.domain.instants import instant, stamp
from shared.domain.states import check_follows, of_people
from shared.domain.transitions import Transition, transition_path
from shared.ports import Create, Data, Document, Ports, Put, Write
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)

ATTEMPTS = 25
"""How often a contended change is decided anew before its caller is told to come back later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a decision wants: the new head, and documents and intents to go with it; who wants it, and why."""

    head: Head
    writes: Sequence[Write] = field(default=())
    intents: Sequence[outbox.Intent] = field(default=())
    by: Actor = DESK
    why: str = ""
    told_until: datetime | None = None  # when the record of a change that concerns people goes; None = never


Decide = Callable[[Head | None, int], Change | None]
"""Given the head as it is now and the revision the change will make, the change, or None for none."""


def head_path(conversation: str) -> str:
    """Where a conversation's head stands within its tenant."""
    return f"conversations/{conversation}"


def message_path(conversation: str, seq: int) -> str:
    """Where a message stands within its tenant."""
    return f"conversations/{conversation}/messages/{sequence_name(seq)}"


def ends(message: Message) -> datetime | None:
    """When a message goes."""
    return instant(message.until) if message.until else None


def adding(conversation: str, message: Message) -> Create:
    """The write that adds a message to its conversation."""
    return Create(message_path(conversation, message.seq), as_data(message), expires=ends(message))


def live_key(tenant: str, conversation: str) -> str:
    """The key whose watchers are woken when a tenant's conversation changes."""
    return f"conversation/{tenant}/{conversation}"


def as_data(record: msgspec.Struct) -> Data:
    """A record as a document holds it."""
    data: Data = msgspec.to_builtins(record)
    return data


def read_head(document: Document | None) -> Head | None:
    """The head in a document."""
    return msgspec.convert(document.data, Head) if document else None


def read_message(document: Document) -> Message:
    """The message in a document."""
    return msgspec.convert(document.data, Message, strict=False)


async def hint(ports: Ports, store: TenantStore, conversation: str, note: Data | None = None) -> None:
    """Wake who watches a conversation. A hint that is lost loses nothing: what it announces is stored."""
    try:
        await ports.live.notify(live_key(store.tenant, conversation), note)
    except FrontdeskError as error:
        log.warning("live.hint_lost", extra={"family": type(error).__name__})


async def commit(
    ports: Ports, store: TenantStore, conversation: str, decide: Decide, *, read: Document | None = None
) -> Head | None:
    """Carry out what `decide` wants on the head as it truly is; the head as written, None for no change.

    `read` is the head's document where the caller has just read it; once it proves old it is read again.
    `decide` is called again after each lost race, so it must have no effect of its own. Raises
    AlreadyExists or PreconditionFailed for any other document of the change, Permanent for a state that
    may not follow the one it has, Transient when contention does not end or the store is busy.
    """
    path = head_path(conversation)
    for attempt in range(ATTEMPTS):
        document = read or await store.get(path)
        read = None
        head = read_head(document)
        change = decide(head, (head.rev if head else 0) + 1)
        if change is None:
            return None
        now = stamp(ports.clock.now())
        new = _written(head, change.head, now)
        data = as_data(new)
        write: Write = Put(path, data, version=document.version) if document else Create(path, data)
        audit = _audit(conversation, head, new, change)
        try:
            await outbox.commit(ports, store, [write, *audit, *change.writes], change.intents)
        except (AlreadyExists, PreconditionFailed) as lost:
            if not lost.path.endswith(path):
                raise
            await asyncio.sleep(random.uniform(0, 0.005 * 2 ** min(attempt, 5)))
            continue
        await hint(ports, store, conversation)
        if shows_in_inbox(head, new):
            wake_inbox(ports.live, store.tenant)
        return new
    raise Transient(f"conversation {conversation} is contended; nothing was changed", retry_after=1)


def _written(before: Head | None, wanted: Head, now: str) -> Head:
    """The head as it is stored: one revision on, and with the time of its newest message."""
    came = wanted.last > (before.last if before else 0)
    return msgspec.structs.replace(
        wanted,
        rev=(before.rev if before else 0) + 1,
        updated_at=now,
        last_at=now if came else wanted.last_at,
    )


def _audit(conversation: str, before: Head | None, new: Head, change: Change) -> list[Write]:
    """What is written down of a change that concerns people. Raises Permanent for one that may not be."""
    former = before.state if before else "new"
    check_follows(former, new.state)
    if not of_people(former, new.state):
        return []
    told = Transition(
        rev=new.rev,
        at=new.updated_at,
        before=former,
        after=new.state,
        by=change.by.id,
        name=change.by.name,
        why=change.why,
    )
    return [Create(transition_path(conversation, new.rev), as_data(told), expires=change.told_until)]
