"""Sends once more what nobody knows to have arrived: a person decides that, never the desk."""

from shared.desk.commit import message_path, read_message
from shared.desk.services import Services
from shared.desk.speak import speak
from shared.domain.colleagues import Actor
from shared.domain.content import Outgoing
from shared.domain.conversation import Message
from shared.domain.errors import NotThere, Permanent

ASKED_OF = ("unconfirmed", "failed")
"""Statuses of a message that a person may send once more."""


async def send_again(services: Services, tenant: str, conversation: str, seq: int, *, by: Actor) -> Message:
    """What a message of ours said, as a new one that `by` writes; once, however often it is asked for.

    Raises NotThere for a message there is not, Permanent for one that arrived or is still on its way, and
    as `speak` does.
    """
    document = await services.tenant(tenant).get(message_path(conversation, seq))
    if document is None:
        raise NotThere(f"message {seq} is not in this conversation, or its time has come")
    message = read_message(document)
    if message.author == "customer" or message.status not in ASKED_OF:
        raise Permanent(
            f"message {seq} is {message.status}; only one that may not have arrived is sent again"
        )
    said = message.outgoing or Outgoing(text=message.content.text)
    return await speak(
        services,
        tenant,
        conversation,
        client_id=f"again-{seq}",
        by=by,
        text=said.text,
        attachments=said.attachments,
        template=said.template,
    )
