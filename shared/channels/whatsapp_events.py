"""Reads WhatsApp's webhooks: every entry, change and item of one becomes the facts in it.

Form: `entry[].changes[].value` with `messages`, `statuses` or, where a person answers from the WhatsApp
Business app, `message_echoes`. Source:
developers.facebook.com/documentation/business-messaging/whatsapp/webhooks.
"""

from collections.abc import Iterator

from shared.channels.meta_errors import failure
from shared.channels.shape import Webhook
from shared.channels.vendor_json import Item, decode, instant_of, mapping, mappings, text
from shared.channels.whatsapp_content import content_of
from shared.domain.content import Content
from shared.domain.errors import Malformed
from shared.domain.events import (
    DeliveryReported,
    DeliveryStatus,
    EchoReceived,
    Event,
    MessageChanged,
    MessageReceived,
    Sender,
)
from shared.domain.identity import digest

_STATUS: dict[str, DeliveryStatus] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",  # a voice message that was listened to
    "failed": "failed",
}


def account(webhook: Webhook) -> str | None:
    """The first phone number id in the unverified body."""
    try:
        changes = list(_changes(decode(webhook.body)))
    except Malformed:
        return None
    return next((found for found, _ in changes), None)


def parse(webhook: Webhook) -> list[Event]:
    """Messages, echoes, changes and statuses, in the order they stand. Raises Malformed."""
    body = decode(webhook.body)
    if body.get("object") != "whatsapp_business_account" or not isinstance(body.get("entry"), list):
        raise Malformed("the webhook is not WhatsApp's: `object` or `entry` is missing")
    return [event for phone, value in _changes(body) for event in _events(phone, value)]


def _changes(body: Item) -> Iterator[tuple[str, Item]]:
    """Each change that names the business's phone number, with its value."""
    for entry in mappings(body, "entry"):
        for change in mappings(entry, "changes"):
            value = mapping(change, "value")
            phone = text(mapping(value, "metadata"), "phone_number_id")
            if phone:
                yield phone, value


def _events(phone: str, value: Item) -> Iterator[Event]:
    contacts = mappings(value, "contacts")
    for item in mappings(value, "messages"):
        sender = _sender(item, contacts)
        if sender:
            yield _message(phone, item, sender)
    for item in mappings(value, "message_echoes"):
        echo = _echo(phone, item)
        if echo:
            yield echo
    for item in mappings(value, "statuses"):
        report = _report(phone, item)
        if report:
            yield report


def _sender(item: Item, contacts: list[Item]) -> Sender | None:
    """Who wrote. The id within this business leads where there is one, for a phone number may be absent."""
    written_from, user_id = text(item, "from"), text(item, "from_user_id")
    contact = _contact(contacts, written_from, user_id)
    user_id = user_id or text(contact, "user_id")
    number = text(contact, "wa_id") or written_from
    if not (user_id or number):
        return None
    profile = mapping(contact, "profile")
    return Sender(
        id=user_id or number,
        name=text(profile, "name") or None,
        phone=f"+{number}" if number.isdecimal() else None,
        handle=text(profile, "username") or None,
        former_id=number if user_id and number else None,
    )


def _contact(contacts: list[Item], written_from: str, user_id: str) -> Item:
    """The contact of a message; where only one is listed it is that one."""
    for contact in contacts:
        if user_id and text(contact, "user_id") == user_id:
            return contact
        if written_from and text(contact, "wa_id") == written_from:
            return contact
    return contacts[0] if len(contacts) == 1 else {}


def _message(phone: str, item: Item, sender: Sender) -> Event:
    """What a customer did with a message: wrote it, or changed one."""
    kind, message_id = text(item, "type"), text(item, "id") or _unnamed(item)
    change = mapping(item, kind) if kind in ("edit", "revoke") else {}
    original = text(change, "original_message_id")
    if original:
        return MessageChanged(
            event_id=digest("whatsapp", phone, message_id, kind),
            channel="whatsapp",
            account=phone,
            sender=sender,
            message_id=original,
            change="edited" if kind == "edit" else "withdrawn",
            at=instant_of(item, "timestamp"),
            content=content_of(mapping(change, "message")) if kind == "edit" else None,
        )
    return MessageReceived(
        event_id=digest("whatsapp", phone, message_id, "message"),
        channel="whatsapp",
        account=phone,
        sender=sender,
        message_id=message_id,
        at=instant_of(item, "timestamp"),
        content=content_of(item),
    )


def _echo(phone: str, item: Item) -> EchoReceived | None:
    """What a person of the business wrote, changed or withdrew in the WhatsApp Business app."""
    customer = text(item, "to_user_id") or text(item, "to")
    if not customer:
        return None
    kind, message_id = text(item, "type"), text(item, "id") or _unnamed(item)
    change = mapping(item, kind) if kind in ("edit", "revoke") else {}
    original = text(change, "original_message_id")
    return EchoReceived(
        event_id=digest("whatsapp", phone, message_id, "echo"),
        channel="whatsapp",
        account=phone,
        customer=customer,
        message_id=original or message_id,
        at=instant_of(item, "timestamp"),
        content=Content()
        if original and kind == "revoke"
        else content_of(mapping(change, "message") or item),
        change=("edited" if kind == "edit" else "withdrawn") if original else None,
    )


def _report(phone: str, item: Item) -> DeliveryReported | None:
    """How far a message of ours came; statuses that say nothing of that are left out."""
    status, message_id = _STATUS.get(text(item, "status")), text(item, "id")
    if not status or not message_id:
        return None
    errors = mappings(item, "errors")
    return DeliveryReported(
        event_id=digest("whatsapp", phone, message_id, f"status:{status}"),
        channel="whatsapp",
        account=phone,
        customer=text(item, "recipient_user_id") or text(item, "recipient_id") or None,
        message_id=message_id,
        status=status,
        at=instant_of(item, "timestamp"),
        key=text(item, "biz_opaque_callback_data") or None,
        failure=failure(errors[0]) if errors and status == "failed" else None,
    )


def _unnamed(item: Item) -> str:
    """A name for an item that came without one: the same for every telling of it."""
    return digest("unnamed", repr(sorted(item.items())))
