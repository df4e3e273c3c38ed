"""Sends what a person writes to a customer; from that commit on the desk is silent."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from shared.channels.fit import fitted
from shared.channels.shape import Limits
from shared.desk.canned import approved
from shared.desk.channels import channel_of
from shared.desk.commit import adding, head_path, message_path, read_head, read_message
from shared.desk.contact import may_contact
from shared.desk.customers import find
from shared.desk.ready import reply_ready
from shared.desk.record import SEEN_FOR
from shared.desk.retention import messages_until
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change
from shared.desk.take import taken, takeover_ends
from shared.domain.colleagues import Actor, at_least
from shared.domain.content import Attachment, Content, Outgoing, Template
from shared.domain.conversation import Head, Message
from shared.domain.customers import Customer
from shared.domain.errors import AlreadyExists, Contested, NotThere, Permanent
from shared.domain.handovers import Handover
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.outbox import Publication
from shared.ports import Create, Write
from shared.security.tenancy import TenantStore


@dataclass(frozen=True, slots=True)
class _Line:
    """What the conversation's channel can carry, to whom, and what the template says that is to go."""

    limits: Limits
    customer: Customer | None
    until: datetime  # when what is said now goes
    words: str = ""


async def speak(
    services: Services,
    tenant: str,
    conversation: str,
    *,
    client_id: str,
    by: Actor,
    text: str = "",
    attachments: tuple[Attachment, ...] = (),
    template: Template | None = None,
) -> Message:
    """Send words, files or a template to the customer; the first message that carries them.

    A conversation nobody has becomes the writer's. Sent twice under one `client_id` it goes once. Raises
    Contested where a colleague has the conversation, Permanent where it is resolved, where there is
    nothing to say, and where the reply window is closed to all but templates.
    """
    store = services.tenant(tenant)
    once = f"conversations/{conversation}/spoken/{digest('spoken', client_id)}"
    if said := await _said(store, conversation, once):
        return said
    outgoing = Outgoing(text=text.strip(), attachments=attachments, template=template)
    if template is None and not outgoing.text and not attachments:
        raise Permanent("there is nothing to send; write something, or attach a file")
    line = await _line(services, store, conversation, template)
    spoken: list[Message] = []

    def decide(scene: Scene) -> Move:
        spoken.clear()
        check_may_write(scene, by)
        _check_window(scene, line, outgoing)
        move = _tended(tenant, conversation, scene, by)
        head, at = move.head, stamp(scene.now)
        spoken.extend(_messages(conversation, scene, outgoing, line, by=by, client_id=client_id))
        seqs = tuple(message.seq for message in spoken)
        new = msgspec.structs.replace(
            head,
            last=seqs[-1],
            epoch=scene.head.epoch + 1,
            answered=max(head.answered, head.pending),
            first_waiting="",
            seen=max(head.seen, seqs[-1]),
            unread=0,
        )
        expires = scene.now + SEEN_FOR
        writes: list[Write] = [Create(once, {"shape": 1, "seq": seqs[0]}, expires=expires)]
        writes += [adding(conversation, one) for one in spoken]
        return Move(
            head=new,
            handover=first_answer(move.handover, at),
            writes=[*move.writes, *writes],
            intents=[*move.intents, Publication.of(reply_ready(store, conversation, seqs))],
            why=move.why,
        )

    try:
        await change(services, store, conversation, decide, by=by)
    except AlreadyExists:  # the same words came twice at once, and the others were first
        if said := await _said(store, conversation, once):
            return said
        raise
    return spoken[0]


def check_may_write(scene: Scene, by: Actor) -> None:
    """Returns if `by` may write here. Raises Contested or Permanent."""
    head = scene.head
    if head.state == "resolved":
        raise Permanent("this conversation is resolved; reopen it first")
    if (
        head.state == "human_active"
        and head.assignee not in ("", by.id)
        and not at_least(by.role, "supervisor")
    ):
        raise Contested(f"{scene.name_of(head.assignee)} has this conversation; leave them a note instead")


async def _said(store: TenantStore, conversation: str, once: str) -> Message | None:
    """The message that was sent under this client's id, None where none was."""
    document = await store.get(once)
    if document is None:
        return None
    found = await store.get(message_path(conversation, int(str(document.data["seq"]))))
    return read_message(found) if found else None


async def _line(
    services: Services, store: TenantStore, conversation: str, template: Template | None
) -> _Line:
    head = read_head(await store.get(head_path(conversation)))
    if head is None:
        raise NotThere(f"conversation {conversation} is unknown; look at the list of conversations")
    published = await services.versions.published(head.desk)
    if published is None:
        raise Permanent(f"desk {head.desk} is not published any more; publish it to write in its name")
    channel, customer = channel_of(services, published.config, head.channel), await find(store, head.customer)
    until = messages_until(published.config, services.ports.clock.now())
    words = approved(published.config, head.channel, template) if template else ""
    return _Line(channel.limits, customer, until, words)


def _check_window(scene: Scene, line: _Line, outgoing: Outgoing) -> None:
    leave = may_contact(line.customer, line.limits, scene.head, scene.now)
    if outgoing.template is not None and not leave.template:
        raise Permanent(f"nothing can be sent: {leave.reason}")
    if outgoing.template is None and not leave.free_text:
        instead = "; choose a template" if leave.template else ""
        raise Permanent(f"this cannot be sent now: {leave.reason}{instead}")


def _tended(tenant: str, conversation: str, scene: Scene, by: Actor) -> Move:
    """The writer has the conversation from now on, save where a supervisor writes into a colleague's."""
    if scene.head.state != "human_active" or not scene.head.assignee:
        return taken(tenant, conversation, scene, to=by.id, why="wrote to the customer")
    head: Head = msgspec.structs.replace(scene.head, tended_at=stamp(scene.now))
    ends = takeover_ends(tenant, conversation, scene)
    return Move(head=head, handover=scene.handover, intents=ends)


def first_answer(handover: Handover | None, at: str) -> Handover | None:
    """The handover under way once somebody has spoken: its first answer stops the clock."""
    if handover is None or handover.first_answer_at:
        return handover
    return msgspec.structs.replace(handover, first_answer_at=at)


def _messages(
    conversation: str, scene: Scene, outgoing: Outgoing, line: _Line, *, by: Actor, client_id: str
) -> list[Message]:
    """The messages that carry what is said, cut to the channel, under the next sequences."""
    parts = fitted(outgoing, line.limits)
    return [
        Message(
            seq=scene.head.last + 1 + part,
            author="human",
            status="queued",
            at=stamp(scene.now),
            until=stamp(line.until),
            content=Content(
                kind="media" if piece.attachments else "text",
                text=line.words if piece.template else piece.text,
                attachments=piece.attachments,
            ),
            outgoing=piece,
            public_id=digest("spoken", conversation, client_id, str(part)),
            born=scene.rev,
            rev=scene.rev,
            by=by.id,
            epoch=scene.head.epoch + 1,
        )
        for part, piece in enumerate(parts)
    ]
