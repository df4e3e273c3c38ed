"""What vendors report later: how far a message came, what was edited or withdrawn, who else spoke."""

import logging

import msgspec

from shared.desk.commit import head_path, message_path, read_head
from shared.desk.consent import opted_out
from shared.desk.customers import find
from shared.desk.early import keep_early
from shared.desk.edit import Edit, edit_message
from shared.desk.owner import at_its_desk
from shared.desk.parking import parked_anew, reopening, told
from shared.desk.record import provider_path
from shared.desk.seen_up_to import seen_up_to
from shared.desk.services import Services
from shared.desk.trial import is_trial, keep_report
from shared.desk.typed_elsewhere import person_spoke
from shared.desk.whose import conversation_of
from shared.domain.content import Template
from shared.domain.conversation import Head, Message, further
from shared.domain.events import DeliveryReported, EchoReceived, Failure, MessageChanged
from shared.domain.identity import read_outbox_key
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)


async def _place(
    store: TenantStore, channel: str, account: str, message_id: str | None, key: str | None
) -> tuple[str, int] | None:
    """Conversation and sequence of the message a report is about, by our key or the vendor's id."""
    ours = read_outbox_key(key) if key else None
    if ours is not None and ours[0] == store.tenant:
        return ours[1], ours[2]
    if message_id is None:
        return None
    document = await store.get(provider_path(channel, account, message_id))
    if document is None:
        return None
    return str(document.data["conversation"]), int(str(document.data["seq"]))


async def record_delivery(services: Services, event: DeliveryReported) -> None:
    """Raise a message's status to what the vendor reports; never lower it.

    One that names no message but an instant marks what was sent until then. A report about a message we
    do not know is kept for it: its send may still be on its way to being recorded. Raises Transient to be
    told again, a few times.
    """
    found = await at_its_desk(services, event)
    if found is None:
        return
    event, (tenant, desk) = found
    store = services.tenant(tenant)
    if is_trial(event):
        await keep_report(services, store, event)
        return
    if event.message_id is None and event.key is None:
        await _read_up_to(services, store, desk, event)
        return
    place = await _place(store, event.channel, event.account, event.message_id, event.key)
    if place is None:
        await keep_early(services, store, desk, event)
        return
    conversation, seq = place
    template = await _reopening(services, desk, event) if event.status == "failed" else None

    def edit(head: Head, message: Message) -> Edit | None:
        if message.author == "customer":
            return None
        status = further(message.status, event.status)
        if status == message.status:
            return None
        new = msgspec.structs.replace(
            message,
            status=status,
            provider_id=message.provider_id or event.message_id,
            failure=event.failure if event.status == "failed" else message.failure,
        )
        if status != "failed":
            return Edit(message=new)
        # Taken and then not delivered: sent again it would be the same key twice, so people are told.
        failure = event.failure or Failure(code="unknown")
        now = services.ports.clock.now()
        if failure.action == "template" and message.outgoing and not message.outgoing.template:
            return parked_anew(
                store, conversation, head, message, failure=failure, template=template, now=now
            )
        return Edit(
            message=new, intents=[told(store, conversation, message, failure, what="reply.failed", now=now)]
        )

    edited = await edit_message(services.ports, store, conversation, seq, edit)
    await _heed(services, store, conversation, edited)


async def _heed(services: Services, store: TenantStore, conversation: str, edited: Message | None) -> None:
    """What failed because its customer told the vendor to stop is their word to us too."""
    if edited and edited.failure and edited.failure.opted_out:
        head = read_head(await store.get(head_path(conversation)))
        customer = await find(store, head.customer) if head else None
        if customer:
            await opted_out(store, customer.id, services.ports.clock.now())


async def _read_up_to(services: Services, store: TenantStore, desk: str, event: DeliveryReported) -> None:
    """Mark as read what was sent until the report's instant; no other status is told that way."""
    if event.customer and event.status == "read":
        begun = await conversation_of(store, desk, event.channel, event.account, (event.customer,))
        await seen_up_to(services, store, begun, event)


async def _reopening(services: Services, desk: str, event: DeliveryReported) -> Template | None:
    """The template that asks the customer back where the window was found closed."""
    published = await services.versions.published(desk)
    return reopening(getattr(published.config.channels, event.channel, None)) if published else None


async def record_change(services: Services, event: MessageChanged) -> None:
    """Mark what a customer edited or withdrew; withdrawn words are hidden from people and models."""
    route = await services.versions.route(event.channel, event.account)
    if route is None:
        return
    store = services.tenant(route[0])
    place = await _place(store, event.channel, event.account, event.message_id, None)
    if place is None:
        await keep_early(services, store, route[1], event)
        return
    conversation, seq = place

    def edit(head: Head, message: Message) -> Edit | None:
        if message.withdrawn:
            return None
        new = msgspec.structs.replace(head, changed=head.rev + 1)  # what a summary says of it counts no more
        if event.change == "withdrawn":
            return Edit(message=msgspec.structs.replace(message, withdrawn=True), head=new)
        content = event.content or message.content
        return Edit(message=msgspec.structs.replace(message, content=content, edited=True), head=new)

    await edit_message(services.ports, store, conversation, seq, edit)


async def record_echo(services: Services, event: EchoReceived) -> None:
    """An echo of ours confirms its send; any other is a person speaking, and freezes the desk.

    Ours are told by the key we sent along, by the vendor's id of a send we recorded, or by our app's id.
    """
    route = await services.versions.route(event.channel, event.account)
    if route is None:
        return
    tenant, desk = route
    store = services.tenant(tenant)
    ids = (event.customer,)
    conversation = await conversation_of(store, desk, event.channel, event.account, ids)
    place = await _place(store, event.channel, event.account, event.message_id, event.key)
    if place is None:  # an echo may overtake the outcome of its own send
        place = await _uncertain_like(store, conversation, event)
    if place is not None:
        await _confirm(services, store, place, event)
        return
    if event.change is None and not await _is_ours(services, desk, event):
        await person_spoke(services, store, desk, conversation, event)


async def _is_ours(services: Services, desk: str, event: EchoReceived) -> bool:
    """Whether our app sent it: the desk's own, where its file names one, else the agency's."""
    published = await services.versions.published(desk)
    settings = getattr(published.config.channels, event.channel, None) if published else None
    app = getattr(settings, "app_id", None) or services.credentials.get("META_APP_ID")
    return event.app_id is not None and event.app_id == app


async def _uncertain_like(
    store: TenantStore, conversation: str, event: EchoReceived
) -> tuple[str, int] | None:
    """The message of uncertain outcome that an echo without our key shows, by its words."""
    if not event.content.text:
        return None  # a photo without words and a template look alike: a person may have sent it
    head = read_head(await store.get(head_path(conversation)))
    if head is None:
        return None
    seqs = range(max(1, head.last - 20), head.last + 1)
    for document in await store.get_many([message_path(conversation, seq) for seq in seqs]):
        if document is None:
            continue
        message = msgspec.convert(document.data, Message, strict=False)
        waits = message.status in ("sending", "uncertain")
        if waits and message.content.text == event.content.text:
            return conversation, message.seq
    return None


async def _confirm(
    services: Services, store: TenantStore, place: tuple[str, int], event: EchoReceived
) -> None:
    def edit(head: Head, message: Message) -> Edit | None:
        if message.author == "customer":
            return None
        if event.change == "withdrawn":
            new = msgspec.structs.replace(head, changed=head.rev + 1)
            return Edit(message=msgspec.structs.replace(message, withdrawn=True), head=new)
        status = further(message.status, "sent")
        if status == message.status and message.provider_id:
            return None
        return Edit(message=msgspec.structs.replace(message, status=status, provider_id=event.message_id))

    await edit_message(services.ports, store, place[0], place[1], edit)
