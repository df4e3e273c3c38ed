"""Sends what the desk decided, in order, each message at most once; the sender never decides."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from shared.channels.shape import Dispatch, Outcome, Rejected, Unknown
from shared.desk.channels import Line, line_of
from shared.desk.commit import head_path, message_path, read_head
from shared.desk.consent import opted_out
from shared.desk.contact import may_contact
from shared.desk.customers import find
from shared.desk.edit import Edit, edit_message
from shared.desk.outcome import again, settle
from shared.desk.parking import overtaken, parked, reopening, unwelcome
from shared.desk.services import Services
from shared.domain.content import Outgoing
from shared.domain.conversation import Head, Message
from shared.domain.customers import Customer
from shared.domain.errors import NotConnected, Permanent, Transient
from shared.domain.events import Failure, ReplyReady
from shared.domain.identity import outbox_key
from shared.domain.instants import instant, stamp
from shared.ports import Document
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)

WAITING = ("queued", "parked")
"""A parked reply is asked for again when its customer writes."""

SENDING_AT_MOST = timedelta(seconds=60)
"""A message longer in `sending` than this belongs to a sender that died."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The sending of one conversation's messages through its line."""

    services: Services
    store: TenantStore
    conversation: str
    line: Line
    channel: str
    contact: str  # the customer's id on the channel
    customer: Customer | None

    async def send(self, seqs: tuple[int, ...], read: Sequence[Document | None] = ()) -> bool:
        """Send the first of `seqs`; False where it, and so those behind it, must wait for a timer.

        `read` are the documents of head and message where they were just read.
        """
        found: list[Message] = []
        claimed = await self._claim(seqs[0], found, read)
        if claimed is None and found and found[-1].status == "sending":
            return await self._take_over(found[-1], seqs)
        if claimed is None or claimed.status != "sending":
            return True
        outcome = await self._hand_to_vendor(claimed)
        if isinstance(outcome, Rejected) and outcome.failure.opted_out and self.customer:
            await opted_out(self.store, self.customer.id, self.services.ports.clock.now())
        return await settle(
            self.services,
            self.store,
            self.conversation,
            seqs,
            outcome,
            template=reopening(self.line.account.settings),
            account=(self.channel, self.line.account.id) if self.line.channel.limits.receipts else None,
        )

    async def _take_over(self, message: Message, seqs: tuple[int, ...]) -> bool:
        """Another sender has it: wait for that one, or, if it died, call the outcome unknown."""
        until = instant(message.sending_since or message.at) + SENDING_AT_MOST
        if self.services.ports.clock.now() < until:
            alarm = again(self.store, self.conversation, seqs, until)
            await self.services.ports.timers.set(alarm.name, alarm.due, alarm.handler, alarm.payload)
            return False
        died = Unknown("its sender stopped before it heard the outcome")
        return await settle(self.services, self.store, self.conversation, seqs, died)

    async def _claim(self, seq: int, found: list[Message], read: Sequence[Document | None]) -> Message | None:
        """Mark the message `sending`, unless a person spoke since it was written or it may not go now.

        `found` takes the message as it was.
        """
        now = self.services.ports.clock.now()

        def edit(head: Head, message: Message) -> Edit | None:
            found.append(message)
            if message.status not in WAITING:
                return None
            if overtaken(head, message):
                return Edit(message=msgspec.structs.replace(message, status="suppressed"))
            leave = may_contact(self.customer, self.line.channel.limits, head, now)
            outgoing = message.outgoing or Outgoing(text=message.content.text)
            may_go = leave.template if outgoing.template else leave.free_text
            if not (may_go or message.last_word):
                if not (leave.free_text or leave.template):
                    return unwelcome(self.store, self.conversation, message, leave.reason, now)
                why = Failure(code="window", title=leave.reason, action="template")
                template = reopening(self.line.account.settings) if leave.template else None
                return parked(
                    self.store, self.conversation, head, message, failure=why, template=template, now=now
                )
            return Edit(
                message=msgspec.structs.replace(
                    message,
                    status="sending",
                    outgoing=outgoing,
                    sending_since=stamp(now),
                    attempts=message.attempts + 1,
                )
            )

        ports = self.services.ports
        return await edit_message(ports, self.store, self.conversation, seq, edit, read=read)

    async def _hand_to_vendor(self, message: Message) -> Outcome:
        """What the vendor said of it; whatever goes wrong has an outcome, for it is marked `sending`."""
        try:
            return await self._call(message)
        except Transient as never_left:
            wait = never_left.retry_after
            return Rejected(
                Failure(code="unreachable", title=str(never_left), action="retry", retry_after=wait)
            )
        except Permanent as refused:
            return Rejected(Failure(code="not_sent", title=str(refused), action="fix_config"))
        except Exception as error:
            log.exception("send.broke", extra={"conversation": self.conversation})
            return Unknown(f"the sending broke: {type(error).__name__}")

    async def _call(self, message: Message) -> Outcome:
        outgoing = message.outgoing or Outgoing(text=message.content.text)
        media = {}
        for attachment in outgoing.attachments:
            stored = await self.services.ports.blobs.get(attachment.blob) if attachment.blob else None
            if attachment.blob and stored:
                media[attachment.blob] = stored
        dispatch = Dispatch(
            key=outbox_key(self.store.tenant, self.conversation, message.seq),
            to=self.contact,
            to_phone=self.customer.phone if self.customer else None,
            message=outgoing,
            media=media,
        )
        return await self.line.channel.send(self.services.http, self.line.account, dispatch)


async def send_reply(services: Services, event: ReplyReady) -> None:
    """Send the messages named, one after the other; those sent already, or no longer wanted, are passed over.

    What must wait (a rate limit, a vendor that is down) waits for a timer. Raises Transient where the
    store is busy.
    """
    store = services.tenant(event.tenant)
    paths = [head_path(event.conversation), message_path(event.conversation, event.seqs[0])]
    read = await store.get_many(paths)
    head = read_head(read[0])
    published = await services.versions.published(head.desk) if head else None
    if head is None or published is None:
        return
    try:
        line = await line_of(services, published.config, head.channel, head.account)
    except NotConnected as missing:
        refused = Rejected(Failure(code="not_connected", title=str(missing), action="fix_config"))
        for seq in event.seqs:
            await settle(services, store, event.conversation, (seq,), refused)
        return
    customer = await find(store, head.customer)
    sender = Sender(services, store, event.conversation, line, head.channel, head.contact, customer)
    for position in range(len(event.seqs)):
        if not await sender.send(event.seqs[position:], () if position else read):
            return
