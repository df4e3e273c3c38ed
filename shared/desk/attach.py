"""Keeps a file that a person is about to send, if the conversation's channel can carry it."""

import hashlib
from collections.abc import Sequence
from typing import Literal, cast

import msgspec

from shared.channels.media_types import true_type
from shared.desk.channels import channel_of
from shared.desk.commit import as_data, head_path, read_head
from shared.desk.retention import messages_until
from shared.desk.services import Services
from shared.domain.colleagues import Actor
from shared.domain.content import Attachment
from shared.domain.errors import NotThere, Permanent
from shared.domain.identity import new_id
from shared.domain.instants import stamp
from shared.security.file_ends import file_end
from shared.security.tenancy import TenantStore

_MB = 1_000_000
LINK = "/files/{tenant}/{conversation}/{file}"
"""Where a vendor that takes no upload fetches a file; its name is random, and is all that is needed."""

Kind = Literal["image", "audio", "video", "document"]


async def attach(
    services: Services,
    tenant: str,
    conversation: str,
    *,
    content: bytes,
    media_type: str,
    file_name: str,
    by: Actor,
) -> Attachment:
    """The file as `speak` takes it; `media_id` is the name by which it is found again (`attachment`).

    Raises Permanent, saying what the channel takes, for one that is empty, too large, or of a kind the
    channel does not carry.
    """
    store = services.tenant(tenant)
    head = read_head(await store.get(head_path(conversation)))
    published = await services.versions.published(head.desk) if head else None
    if head is None or published is None:
        raise NotThere(f"conversation {conversation} is unknown, or its desk is published no more")
    limits = channel_of(services, published.config, head.channel).limits
    if not content:
        raise Permanent("the file is empty; choose another")
    kind = kind_of(media_type)
    most = limits.media.get(kind, 0)
    if not most:
        takes = ", ".join(limits.media) or "no files"
        raise Permanent(f"{head.channel} cannot carry {file_name or 'this file'}; it takes {takes}")
    if len(content) > most:
        size, largest = f"{len(content) / _MB:.1f} MB", f"{most / _MB:g} MB"
        raise Permanent(
            f"{file_name or 'this file'} has {size}; {head.channel} takes {kind}s of {largest} at most"
        )
    identity = new_id()
    attachment = Attachment(
        kind=kind,
        media_type=true_type(content, media_type, kind),
        media_id=identity,
        blob=f"{tenant}/{conversation}/{identity}",
        url=services.public_url + LINK.format(tenant=tenant, conversation=conversation, file=identity),
        file_name=file_name or None,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    now = services.ports.clock.now()
    until = messages_until(published.config, now)
    await store.commit([file_end(str(attachment.blob), until)])
    await services.ports.blobs.put(str(attachment.blob), content, attachment.media_type)
    kept = as_data(attachment) | {"by": by.id, "at": stamp(now)}
    await store.create(_path(conversation, identity), kept, expires=until)
    return attachment


async def attachments_named(
    store: TenantStore, conversation: str, names: Sequence[str]
) -> tuple[Attachment, ...]:
    """The files kept under these names. Raises NotThere for one that is not this conversation's."""
    found = await store.get_many([_path(conversation, name) for name in names]) if names else []
    for name, document in zip(names, found, strict=True):
        if document is None:
            raise NotThere(f"no file {name} was uploaded for this conversation; upload it again")
    return tuple(msgspec.convert(document.data, Attachment) for document in found if document)


def _path(conversation: str, name: str) -> str:
    return f"conversations/{conversation}/attachments/{name}"


def kind_of(media_type: str) -> Kind:
    """What a file is to a channel."""
    family = media_type.partition("/")[0]
    return cast("Kind", family) if family in ("image", "audio", "video") else "document"
