"""Keeps a reply that cannot go now, tells people of it, and sends it when the customer writes again."""

from datetime import datetime

import msgspec

from shared.desk.commit import adding
from shared.desk.edit import Edit
from shared.desk.ready import reply_ready
from shared.domain.content import Outgoing, Template
from shared.domain.conversation import Head, Message
from shared.domain.events import Failure, Happened
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.outbox import Intent, Publication
from shared.ports import Write
from shared.security.tenancy import TenantStore


def parked(
    store: TenantStore,
    conversation: str,
    head: Head,
    message: Message,
    *,
    failure: Failure,
    template: Template | None,
    now: datetime,
) -> Edit:
    """The message parked until the customer's next one; where the window closed, the first since then has
    the desk's template sent, by which the customer may open it. What the desk wrote before a person spoke
    is suppressed, and nothing follows it.
    """
    if overtaken(head, message):
        return Edit(message=msgspec.structs.replace(message, status="suppressed", failure=failure))
    kept = msgspec.structs.replace(message, status="parked", failure=failure, sending_since=None)
    seqs = tuple(dict.fromkeys((*head.parked, message.seq)))
    new = msgspec.structs.replace(head, parked=seqs)
    writes: list[Write] = []
    intents: list[Intent] = [told(store, conversation, message, failure, what="reply.parked", now=now)]
    if template is not None and failure.action == "template" and not head.parked:
        reopening = Message(
            seq=head.last + 1,
            author="desk",
            status="queued",
            at=stamp(now),
            until=message.until,
            outgoing=Outgoing(template=template),
            public_id=digest("reopening", conversation, str(message.seq)),
            born=head.rev + 1,
            rev=head.rev + 1,
            epoch=head.epoch,
        )
        new = msgspec.structs.replace(new, last=reopening.seq)
        writes.append(adding(conversation, reopening))
        intents.append(Publication.of(reply_ready(store, conversation, (reopening.seq,))))
    return Edit(message=kept, head=new, writes=writes, intents=intents)


def overtaken(head: Head, message: Message) -> bool:
    """Whether a person spoke since the desk wrote the message."""
    return message.author == "desk" and message.epoch != head.epoch


def unwelcome(store: TenantStore, conversation: str, message: Message, why: str, now: datetime) -> Edit:
    """The message failed, as its customer wants none; it does not wait for a change of mind."""
    failure = Failure(code="opted_out", title=why, opted_out=True)
    failed = msgspec.structs.replace(message, status="failed", failure=failure)
    fact = told(store, conversation, message, failure, what="reply.failed", now=now)
    return Edit(message=failed, intents=[fact])


def parked_anew(
    store: TenantStore,
    conversation: str,
    head: Head,
    message: Message,
    *,
    failure: Failure,
    template: Template | None,
    now: datetime,
) -> Edit:
    """What a vendor took and then did not deliver, as the window had closed: failed, and parked as another.

    Sent again as it is, it would be the same key twice.
    """
    failed = msgspec.structs.replace(message, status="failed", failure=failure)
    if overtaken(head, message):
        fact = told(store, conversation, message, failure, what="reply.failed", now=now)
        return Edit(message=failed, intents=[fact])
    another = msgspec.structs.replace(
        message,
        seq=head.last + 1,
        public_id=digest("parked-anew", conversation, str(message.seq)),
        provider_id=None,
        attempts=0,
        born=head.rev + 1,
        rev=head.rev + 1,
    )
    head = msgspec.structs.replace(head, last=another.seq)
    edit = parked(store, conversation, head, another, failure=failure, template=template, now=now)
    writes = [adding(conversation, edit.message), *edit.writes]
    return Edit(message=failed, head=edit.head, writes=writes, intents=edit.intents)


def reopening(settings: object) -> Template | None:
    """The template a desk names in a channel's settings to reopen a closed window, where it names one."""
    named = getattr(settings, "template", None)
    return Template(name=named.name, language=named.language) if named else None


def told(
    store: TenantStore, conversation: str, message: Message, failure: Failure, *, what: str, now: datetime
) -> Intent:
    """The fact that a reply did not reach its customer, for whoever watches; it holds no words of theirs."""
    return Publication.of(
        Happened(
            event_id=digest(what, conversation, str(message.seq), str(message.attempts)),
            tenant=store.tenant,
            what=what,
            at=stamp(now),
            conversation=conversation,
            data={"seq": message.seq, "code": failure.code, "action": failure.action},
        )
    )
