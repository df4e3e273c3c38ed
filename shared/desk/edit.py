"""Changes one message of a conversation under its head, so that reports, sends and people never cross."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from shared import outbox
from shared.desk.commit import Change, as_data, commit, ends, head_path, message_path, read_message
from shared.domain.conversation import Head, Message
from shared.domain.errors import PreconditionFailed, Transient
from shared.ports import Document, Ports, Put, Write
from shared.security.tenancy import TenantStore

ATTEMPTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What becomes of a message, and what goes with it; `head` where that changes too."""

    message: Message
    head: Head | None = None
    writes: Sequence[Write] = field(default=())
    intents: Sequence[outbox.Intent] = field(default=())


async def edit_message(
    ports: Ports,
    store: TenantStore,
    conversation: str,
    seq: int,
    edit: Callable[[Head, Message], Edit | None],
    *,
    read: Sequence[Document | None] = (),
) -> Message | None:
    """Carry out `edit` on the message as it truly is; the new message, or None where nothing changed.

    `read` are the documents of head and message where the caller has just read them. Raises Transient
    when contention does not end.
    """
    path = message_path(conversation, seq)
    for _ in range(ATTEMPTS):
        head_document, document = read or await store.get_many([head_path(conversation), path])
        read = ()
        if document is None:
            return None
        message = read_message(document)
        version = document.version
        edited: list[Message] = []

        def decide(
            head: Head | None,
            rev: int,
            message: Message = message,
            version: str = version,
            edited: list[Message] = edited,
        ) -> Change | None:
            edited.clear()
            wanted = edit(head, message) if head else None
            if head is None or wanted is None:
                return None
            new = msgspec.structs.replace(wanted.message, rev=rev)
            edited.append(new)
            put = Put(path, as_data(new), version=version, expires=ends(new))
            return Change(head=wanted.head or head, writes=[put, *wanted.writes], intents=wanted.intents)

        try:
            await commit(ports, store, conversation, decide, read=head_document)
        except PreconditionFailed:
            continue
        return edited[0] if edited else None
    raise Transient(f"message {seq} of {conversation} is contended; nothing was changed", retry_after=1)
