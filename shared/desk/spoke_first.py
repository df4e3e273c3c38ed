"""A person's words on the business's own phone that come before the customer's: kept, so that they count.

Nothing orders the two. Once the customer is recorded the conversation begins with people, and the words
are told again.
"""

from datetime import timedelta

import msgspec

from shared.desk.commit import as_data
from shared.desk.early import MOST_TIMES
from shared.desk.retention import said_until
from shared.desk.services import Services
from shared.domain.colleagues import Actor
from shared.domain.conversation import Head
from shared.domain.errors import AlreadyExists, PreconditionFailed, Transient
from shared.domain.events import EchoReceived
from shared.domain.identity import digest
from shared.outbox import Intent, Publication
from shared.ports import Create, Delete, Document, Put, Write
from shared.security.tenancy import TenantStore

ON_THEIR_PHONE = Actor(name="a colleague on their own phone")

KEPT = timedelta(days=7)
"""How long a person's words wait for the customer's."""

MOST = 20
"""So many of their messages are kept, the newest."""


def spoke_first_path(conversation: str) -> str:
    """Where the words of people stand while a conversation has not begun."""
    return f"early/{digest('spoke-first', conversation)}"


async def keep_words(
    services: Services, store: TenantStore, desk: str, conversation: str, event: EchoReceived
) -> None:
    """Keep what a person said. Raises Transient where it is to be told once more: the customer's message
    may be on its way to being recorded.
    """
    now = services.ports.clock.now()
    path = spoke_first_path(conversation)
    document = await store.get(path)
    kept = msgspec.convert(document.data["kept"], dict[str, dict[str, object]]) if document else {}
    told = int(str(kept.get(event.message_id, {}).get("told", 0)))
    kept[event.message_id] = {"told": told + 1, "event": as_data(event)}
    data: dict[str, object] = {"shape": 1, "kept": dict(list(kept.items())[-MOST:])}
    expires = min(now + KEPT, await said_until(services, desk, now))
    write: Write = Put(path, data, document.version, expires) if document else Create(path, data, expires)
    try:
        await store.commit([write])
    except (AlreadyExists, PreconditionFailed) as raced:
        raise Transient("more was said in the same conversation at once", retry_after=0.5) from raced
    if told < MOST_TIMES:
        raise Transient("the customer this was said to is not recorded yet", retry_after=0.5)


def begun_by_people(
    head: Head, document: Document | None, now: str
) -> tuple[Head, list[Write], list[Intent]]:
    """The head of a conversation that begins, with people where they spoke first, and their words to tell."""
    if document is None:
        return head, [], []
    kept = msgspec.convert(document.data["kept"], dict[str, dict[str, object]])
    said = [msgspec.convert(one["event"], EchoReceived) for one in kept.values()]
    with_people = msgspec.structs.replace(head, state="human_active", epoch=1, tended_at=now)
    return with_people, [Delete(document.path, document.version)], [Publication.of(one) for one in said]
