"""Shows a model the pictures a customer just sent, where one that can see is connected."""

from collections.abc import Sequence

import msgspec

from shared.desk.services import Services
from shared.domain.conversation import Message
from shared.domain.errors import NotConnected
from shared.models.chat_model import Turn

MOST = 4
LARGEST = 4_000_000
"""Bytes of one picture; larger ones cost more than they tell."""

Picture = tuple[str, bytes]


async def pictures_of(services: Services, messages: Sequence[Message], *, after: int) -> list[Picture]:
    """The pictures of the customer's messages behind sequence `after`, newest last, at most four."""
    blobs = [
        attachment.blob
        for message in messages
        if message.author == "customer" and message.seq > after and not message.withdrawn
        for attachment in message.content.attachments
        if attachment.kind == "image" and attachment.blob and (attachment.size or 0) <= LARGEST
    ]
    if not blobs or not _somebody_sees(services):
        return []
    found = [await services.ports.blobs.get(blob) for blob in blobs[-MOST:]]
    return [(media_type, content) for content, media_type in filter(None, found)]


def with_pictures(turns: tuple[Turn, ...], pictures: list[Picture]) -> tuple[Turn, ...]:
    """The turns with the pictures on the customer's last one."""
    last = next((n for n in range(len(turns) - 1, -1, -1) if turns[n].role == "customer"), None)
    if last is None or not pictures:
        return turns
    shown = msgspec.structs.replace(turns[last], media=tuple(pictures))
    return (*turns[:last], shown, *turns[last + 1 :])


def _somebody_sees(services: Services) -> bool:
    try:
        return any(model.vision for model in services.models.route("balanced").chain)
    except NotConnected:
        return False
