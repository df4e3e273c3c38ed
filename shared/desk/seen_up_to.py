"""Marks what a customer has seen where the vendor says only until when, not which message."""

from msgspec.structs import replace

from shared.desk.commit import head_path, message_path, read_head, read_message
from shared.desk.edit import Edit, edit_message
from shared.desk.services import Services
from shared.domain.conversation import Head, Message, further
from shared.domain.events import DeliveryReported
from shared.security.tenancy import TenantStore

MOST = 50
"""So many messages are looked back upon; what is older was seen with an earlier report."""


async def seen_up_to(
    services: Services, store: TenantStore, conversation: str, event: DeliveryReported
) -> None:
    """Mark as read all that was sent until the report's instant; nothing where there is no conversation.

    A send whose outcome is unknown stays so: an instant proves no arrival.
    """
    head = read_head(await store.get(head_path(conversation)))
    if head is None:
        return
    seqs = range(head.last, max(0, head.last - MOST), -1)

    def edit(_: Head, message: Message) -> Edit | None:
        status = further(message.status, "read")
        return Edit(message=replace(message, status=status)) if status != message.status else None

    for document in await store.get_many([message_path(conversation, seq) for seq in seqs]):
        message = read_message(document) if document else None
        if message is None or message.status not in ("sent", "delivered"):
            continue
        if (message.sending_since or message.at) <= event.at:
            await edit_message(services.ports, store, conversation, message.seq, edit)
