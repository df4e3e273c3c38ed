"""What a reader of a conversation is told: everything after the revision they saw, in order, once.

Every event carries the revision up to which its reader now knows everything. Messages of one commit
share a revision, so all but the last of them carry the one before: a line that breaks between them is
resumed without a gap, and the reader drops what it has by message_id.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.api.event_stream import event
from shared.desk.commit import head_path, read_head, read_message
from shared.domain.content import Attachment
from shared.domain.conversation import Message
from shared.domain.states import FROZEN
from shared.ports import Query, Where
from shared.security.tenancy import TenantStore

LATEST = 50  # messages a reader who knows nothing is given
_HIDDEN = ("suppressed", "parked")
_PAGE = 200


def attachment_id(attachment: Attachment) -> str:
    """The id under which a reader asks for a file: the last part of its blob's name."""
    return (attachment.blob or "").rpartition("/")[2]


def told(message: Message) -> dict[str, object]:
    """A message as readers see it."""
    said = message.outgoing or message.content
    data: dict[str, object] = {
        "message_id": message.public_id,
        "from": message.author,
        "text": said.text,
        "at": message.at,
        "seq": message.seq,
        "status": message.status,
    }
    if message.outgoing and message.outgoing.choices:
        data["quick_replies"] = [{"id": one.id, "title": one.title} for one in message.outgoing.choices]
    if said.attachments:
        data["attachments"] = [
            {
                "id": attachment_id(one),
                "kind": one.kind,
                "media_type": one.media_type,
                "name": one.file_name or one.kind,
                "size": one.size,
            }
            for one in said.attachments
            if one.blob
        ]
    return data


def is_hidden(message: Message) -> bool:
    """Whether it is not, or no longer, for the customer's eyes."""
    return message.withdrawn or message.status in _HIDDEN


def _status(message: Message) -> dict[str, object]:
    status = "withdrawn" if message.withdrawn else message.status
    return {"message_id": message.public_id, "status": status}


@dataclass(slots=True)
class Feed:
    """One reader's place in one conversation; `seen` is None for one who knows nothing yet."""

    store: TenantStore
    conversation: str
    seen: int | None
    frozen: bool = False

    async def news(self) -> list[bytes]:
        """The events since last time."""
        head = read_head(await self.store.get(head_path(self.conversation)))
        if head is None:
            return []
        if self.seen is None or self.seen > head.rev:  # a place we never were: the store began anew
            messages, self.seen = await self._latest(), 0
        elif self.seen < head.rev:
            messages = await self._changed(self.seen)
        else:
            messages = []
        events = list(self._tell(messages, self.seen))
        self.seen = max([self.seen, head.rev, *(message.rev for message in messages)])
        frozen = head.state in FROZEN
        if frozen != self.frozen:
            self.frozen = frozen
            events.append(event("handover", {"active": frozen, "state": head.state}))
        return events

    def _tell(self, messages: list[Message], seen: int) -> Iterator[bytes]:
        """Messages born since as `message` at their birth, older ones that changed as `status`."""
        placed = sorted((m.born if m.born > seen else m.rev, m.seq, m) for m in messages)
        last_of = {place: seq for place, seq, _ in placed}
        for place, seq, message in placed:
            known = place if last_of[place] == seq else place - 1
            fresh = message.born > seen or message.edited
            if fresh and not is_hidden(message):
                yield event("message", told(message), known)
            elif message.born <= seen:
                yield event("status", _status(message), known)

    async def _latest(self) -> list[Message]:
        page = await self._messages(Query(order=("-seq",), limit=LATEST))
        return page[0]

    async def _changed(self, since: int) -> list[Message]:
        """All of them before any is told: one born early may have changed late."""
        where = (Where("rev", ">", since),)
        messages, cursor = await self._messages(Query(where, ("rev",), _PAGE))
        while cursor:
            more, cursor = await self._messages(Query(where, ("rev",), _PAGE, cursor))
            messages += more
        return messages

    async def _messages(self, query: Query) -> tuple[list[Message], str | None]:
        page = await self.store.query(f"{head_path(self.conversation)}/messages", query)
        return [read_message(document) for document in page.documents], page.cursor
