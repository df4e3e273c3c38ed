"""Fetches what customers send, before the vendor forgets it, and keeps it with us."""

import hashlib
import logging

import msgspec

from shared.desk.channels import line_of
from shared.desk.commit import ends, head_path, message_path, read_head, read_message
from shared.desk.edit import Edit, edit_message
from shared.desk.retention import messages_until
from shared.desk.services import Services
from shared.domain.content import Attachment
from shared.domain.conversation import Head, Message
from shared.domain.errors import Permanent
from shared.domain.events import MediaWaiting
from shared.security.file_ends import file_end

log = logging.getLogger(__name__)


async def fetch_media(services: Services, event: MediaWaiting) -> None:
    """Fetch the attachments of a message that are still at the vendor, each once.

    One that is refused for good (too large, not what it claims, expired) stays without its content, and
    says why. Raises Transient where the vendor is out of reach.
    """
    store = services.tenant(event.tenant)
    head = read_head(await store.get(head_path(event.conversation)))
    document = await store.get(message_path(event.conversation, event.seq))
    published = await services.versions.published(head.desk) if head else None
    if head is None or document is None or published is None:
        return
    line = await line_of(services, published.config, head.channel, head.account)
    fetch = getattr(line.channel, "fetch", None)
    message = read_message(document)
    if fetch is None or message.withdrawn:
        return
    until = ends(message) or messages_until(published.config, services.ports.clock.now())
    kept: list[Attachment] = []
    for number, attachment in enumerate(message.content.attachments):
        if attachment.blob or attachment.refused:
            kept.append(attachment)
            continue
        try:
            content, media_type = await fetch(services.http, line.account, attachment)
        except Permanent as refused:
            log.info("media.refused", extra={"conversation": event.conversation})
            kept.append(msgspec.structs.replace(attachment, refused=str(refused)))
            continue
        blob = f"{event.tenant}/{event.conversation}/{event.seq}-{number}"
        await store.commit([file_end(blob, until)])
        await services.ports.blobs.put(blob, content, media_type)
        kept.append(
            msgspec.structs.replace(
                attachment,
                blob=blob,
                media_type=media_type,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
            )
        )

    def edit(_: Head, current: Message) -> Edit | None:
        content = msgspec.structs.replace(current.content, attachments=tuple(kept))
        return Edit(message=msgspec.structs.replace(current, content=content))

    await edit_message(services.ports, store, event.conversation, event.seq, edit)
