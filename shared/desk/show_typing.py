"""Shows on the customer's channel that their message was read and an answer is coming."""

from shared.desk.channels import line_of
from shared.desk.commit import head_path, message_path, read_head, read_message
from shared.desk.services import Services
from shared.domain.events import TurnStarted


async def show_typing(services: Services, event: TurnStarted) -> None:
    """Mark the newest message read and show typing, where the channel has it; only while it is true."""
    store = services.tenant(event.tenant)
    paths = [head_path(event.conversation), message_path(event.conversation, event.seq)]
    found, document = await store.get_many(paths)
    head = read_head(found)
    published = await services.versions.published(head.desk) if head else None
    if head is None or published is None or head.answered >= event.seq:
        return
    line = await line_of(services, published.config, head.channel, head.account)
    show = getattr(line.channel, "typing", None)
    if show is not None:
        read = read_message(document).provider_id if document else None
        await show(services.http, line.account, head.contact, read)
