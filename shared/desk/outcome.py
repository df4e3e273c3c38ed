"""What became of a send: recorded once, never guessed, and never sent again where it may have arrived."""

import logging
from datetime import datetime, timedelta

import msgspec

from shared.channels.shape import Dispatch, Outcome, Rejected, Sent, Unknown
from shared.desk.channels import line_of
from shared.desk.commit import as_data, head_path, message_path, read_head, read_message
from shared.desk.early import early_path, told_again
from shared.desk.edit import Edit, edit_message
from shared.desk.parking import parked, told
from shared.desk.ready import reply_ready
from shared.desk.record import SEEN_FOR, provider_path
from shared.desk.services import Services
from shared.domain.content import Outgoing, Template
from shared.domain.conversation import Head, Message, further
from shared.domain.events import Failure
from shared.domain.identity import digest, outbox_key
from shared.domain.instants import instant, stamp
from shared.outbox import Alarm, Intent, Publication
from shared.ports import Document, Put
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)

GIVE_UP = timedelta(minutes=10)
"""How long a report may still tell what became of a send before a person is asked."""

MOST_SENDS = 3
"""How often a message that a vendor says never arrived is sent once more."""

PAUSES = (2.0, 6.0, 15.0, 60.0, 300.0, 900.0, 1800.0)
"""Seconds before each further attempt at a send the vendor surely did not take."""


def again(store: TenantStore, conversation: str, seqs: tuple[int, ...], due: datetime) -> Alarm:
    """The alarm that sends these messages at an instant."""
    event = reply_ready(store, conversation, seqs)
    name = digest("send", store.tenant, conversation, str(seqs[0]), stamp(due))
    return Alarm(name, due, "send_reply", as_data(event))


async def settle(
    services: Services,
    store: TenantStore,
    conversation: str,
    seqs: tuple[int, ...],
    outcome: Outcome,
    *,
    template: Template | None = None,
    account: tuple[str, str] | None = None,
) -> bool:
    """Record what became of the first of `seqs`; False where it and the rest are to be tried again.

    What the customer themselves made impossible is `failed`, all else that was refused is parked; people
    are told of both. `account` is (channel, account) where reports of it may have come before.
    """
    now = services.ports.clock.now()
    early = await _early(store, account, outcome)
    waits: list[bool] = []

    def edit(head: Head, message: Message) -> Edit | None:
        waits.clear()
        match outcome:
            case Sent(provider_id):
                return _sent(head, message, conversation, provider_id, early=early, now=now)
            case Unknown(detail):
                log.warning("send.uncertain", extra={"conversation": conversation, "why": detail})
                return _uncertain(store, conversation, message, now)
            case Rejected(failure):
                pause = _pause(message, failure.action, failure.retry_after)
                if pause is not None:
                    waits.append(True)
                    queued = msgspec.structs.replace(
                        message, status="queued", failure=failure, sending_since=None
                    )
                    alarm = again(store, conversation, seqs, now + timedelta(seconds=pause))
                    return Edit(message=queued, intents=[alarm])
                log.warning("send.refused", extra={"conversation": conversation, "code": failure.code})
                if failure.action != "stop":
                    return parked(
                        store, conversation, head, message, failure=failure, template=template, now=now
                    )
                failed = msgspec.structs.replace(message, status="failed", failure=failure)
                fact = told(store, conversation, message, failure, what="reply.failed", now=now)
                return Edit(message=failed, intents=[fact])

    await edit_message(services.ports, store, conversation, seqs[0], edit)
    return not waits


def _pause(message: Message, action: str, retry_after: float | None) -> float | None:
    """Seconds until the next attempt, or None where there is to be none."""
    if action not in ("retry", "slow_down") or message.attempts > len(PAUSES):
        return None
    usual = PAUSES[max(message.attempts - 1, 0)]
    return max(usual, retry_after or 0.0)


async def _early(
    store: TenantStore, account: tuple[str, str] | None, outcome: Outcome | None
) -> Document | None:
    """What was reported of a send before its outcome was recorded."""
    if account is None or not isinstance(outcome, Sent):
        return None
    return await store.get(early_path(*account, outcome.provider_id))


def _sent(
    head: Head,
    message: Message,
    conversation: str,
    provider_id: str,
    *,
    early: Document | None,
    now: datetime,
) -> Edit:
    """Sent. A report may have come before this outcome and know more already."""
    new = msgspec.structs.replace(
        message, status=further(message.status, "sent"), provider_id=provider_id, failure=None
    )
    place = {"shape": 1, "conversation": conversation, "seq": message.seq}
    path = provider_path(head.channel, head.account, provider_id)
    overtaken, retold = told_again(early)
    return Edit(message=new, writes=[Put(path, place, expires=now + SEEN_FOR), *overtaken], intents=retold)


def _uncertain(store: TenantStore, conversation: str, message: Message, now: datetime) -> Edit | None:
    if message.status != "sending":
        return None
    due = now + GIVE_UP
    payload: dict[str, object] = {
        "tenant": store.tenant,
        "conversation": conversation,
        "seq": message.seq,
    }
    name = digest("resolve", store.tenant, conversation, str(message.seq), stamp(due))
    intents: list[Intent] = [Alarm(name, due, "resolve_send", payload)]
    return Edit(message=msgspec.structs.replace(message, status="uncertain"), intents=intents)


async def resolve_send(services: Services, tenant: str, conversation: str, seq: int) -> None:
    """Decide what is still uncertain: ask the vendor where it can be asked, else leave it to a person.

    A vendor that says the message never arrived gets it once more under the same key.
    """
    store = services.tenant(tenant)
    head = read_head(await store.get(head_path(conversation)))
    document = await store.get(message_path(conversation, seq))
    published = await services.versions.published(head.desk) if head else None
    if head is None or document is None or published is None:
        return
    message = read_message(document)
    if message.status != "uncertain":
        return
    line = await line_of(services, published.config, head.channel, head.account)
    lookup = getattr(line.channel, "lookup", None)
    found: Sent | None = None
    if lookup is not None:
        dispatch = Dispatch(
            key=outbox_key(tenant, conversation, seq),
            to=head.contact,
            message=message.outgoing or Outgoing(text=message.content.text),
        )
        since = instant(message.sending_since or message.at)
        found = await lookup(services.http, line.account, dispatch, since)
    now = services.ports.clock.now()
    early = await _early(store, (head.channel, head.account), found)

    def edit(head: Head, message: Message) -> Edit | None:
        if message.status != "uncertain":
            return None
        if found is not None:
            return _sent(head, message, conversation, found.provider_id, early=early, now=now)
        if lookup is None or message.attempts > MOST_SENDS:
            unknown = Failure(code="unconfirmed", title="nobody reported what became of it")
            fact = told(store, conversation, message, unknown, what="reply.unconfirmed", now=now)
            return Edit(message=msgspec.structs.replace(message, status="unconfirmed"), intents=[fact])
        queued = msgspec.structs.replace(message, status="queued", sending_since=None)
        ready = Publication.of(reply_ready(store, conversation, (seq,)))
        return Edit(message=queued, intents=[ready])

    await edit_message(services.ports, store, conversation, seq, edit)
