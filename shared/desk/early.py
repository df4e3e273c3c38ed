"""What vendors tell of a message before the message itself: kept until that comes, and then told again."""

import logging
from datetime import timedelta

import msgspec

from shared.desk.commit import as_data
from shared.desk.retention import said_until
from shared.desk.services import Services
from shared.domain.conversation import further
from shared.domain.errors import AlreadyExists, PreconditionFailed, Transient
from shared.domain.events import DeliveryReported, MessageChanged
from shared.domain.identity import digest
from shared.outbox import Intent, Publication
from shared.ports import Create, Delete, Document, Put, Write
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)

MOST_TIMES = 3
"""How often the bus is asked to tell it again; after that it waits for the message alone."""

KEPT = timedelta(days=7)
"""How long it waits; vendors repeat what we did not take for a week at most."""

EARLY: dict[str, type[MessageChanged] | type[DeliveryReported]] = {
    kind.topic(): kind for kind in (MessageChanged, DeliveryReported)
}


def early_path(channel: str, account: str, message_id: str) -> str:
    """Where stands what was told of a message we do not have: one document, however much is told."""
    return f"early/{digest('early', channel, account, message_id)}"


async def keep_early(
    services: Services, store: TenantStore, desk: str, event: DeliveryReported | MessageChanged
) -> None:
    """Keep what was told, the last word of each kind. Raises Transient where it is to be told once more."""
    if event.message_id is None:
        return
    now = services.ports.clock.now()
    path = early_path(event.channel, event.account, event.message_id)
    document = await store.get(path)
    data = document.data if document else {"shape": 1, "told": 0}
    told, topic = int(str(data["told"])), event.topic()
    known = msgspec.convert(data[topic], EARLY[topic]) if topic in data else None
    new = {**data, "told": told + 1, topic: as_data(_last_word(known, event))}
    expires = min(now + KEPT, await said_until(services, desk, now))
    write: Write = Put(path, new, document.version, expires) if document else Create(path, new, expires)
    try:
        await store.commit([write])
    except (AlreadyExists, PreconditionFailed) as raced:
        raise Transient("more was told of the same message at once", retry_after=0.5) from raced
    if told < MOST_TIMES:
        raise Transient("the message this is about is not recorded yet", retry_after=0.5)
    log.info("report.unknown_message", extra={"channel": event.channel})


def _last_word(
    known: DeliveryReported | MessageChanged | None, told: DeliveryReported | MessageChanged
) -> DeliveryReported | MessageChanged:
    """What is withdrawn stays withdrawn, a status never sinks; else the later word counts."""
    if isinstance(known, DeliveryReported) and isinstance(told, DeliveryReported):
        return told if further(known.status, told.status) == told.status else known
    if isinstance(known, MessageChanged) and isinstance(told, MessageChanged):
        withdrawn = known.change == "withdrawn"
        return known if withdrawn or (told.change == "edited" and told.at < known.at) else told
    return told


def told_again(document: Document | None) -> tuple[list[Write], list[Intent]]:
    """What belongs into the commit that brings the message: the facts once more, and nothing kept."""
    if document is None:
        return [], []
    facts = [msgspec.convert(document.data[topic], EARLY[topic]) for topic in EARLY if topic in document.data]
    return [Delete(document.path, document.version)], [Publication.of(fact) for fact in facts]
