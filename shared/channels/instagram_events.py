"""Reads Instagram's webhooks, which come in Messenger's form or, for some fields and tests, as changes.

Our own messages come back on the same field, marked as echoes; read as a customer's they would make the
desk answer itself. Source:
developers.facebook.com/documentation/business-messaging/instagram-messaging/webhooks.
"""

from collections.abc import Iterator

from shared.channels.shape import Webhook
from shared.channels.vendor_json import Item, decode, instant_of, kept, mapping, mappings, number, text
from shared.domain.content import Attachment, Content
from shared.domain.errors import Malformed
from shared.domain.events import (
    DeliveryReported,
    EchoReceived,
    Event,
    MessageChanged,
    MessageReceived,
    Sender,
)
from shared.domain.identity import digest

_ATTACHMENT = {"image": "image", "video": "video", "audio": "audio", "file": "document"}
_SHARED = ("share", "story_mention", "ig_reel", "reel", "ig_post", "ig_story")


def account(webhook: Webhook) -> str | None:
    """The first account id in the unverified body."""
    try:
        items = list(_items(decode(webhook.body)))
    except Malformed:
        return None
    return next((found for found, _ in items), None)


def parse(webhook: Webhook) -> list[Event]:
    """Messages, echoes, changes and reads, in the order they stand. Raises Malformed."""
    body = decode(webhook.body)
    if body.get("object") != "instagram" or not isinstance(body.get("entry"), list):
        raise Malformed("the webhook is not Instagram's: `object` or `entry` is missing")
    return [event for ours, item in _items(body) if (event := _event(ours, item))]


def _items(body: Item) -> Iterator[tuple[str, Item]]:
    """Each item that has two sides, with the id of ours; comments and mentions have none and are left out."""
    for entry in mappings(body, "entry"):
        changes = [mapping(change, "value") for change in mappings(entry, "changes")]
        for item in (*mappings(entry, "messaging"), *changes):
            sender, recipient = text(mapping(item, "sender"), "id"), text(mapping(item, "recipient"), "id")
            ours = text(entry, "id")
            if sender and recipient:
                yield (ours if ours in (sender, recipient) else recipient), item


def _event(ours: str, item: Item) -> Event | None:
    """The fact in one item."""
    message = mapping(item, "message")
    if message and (message.get("is_echo") is True or text(mapping(item, "sender"), "id") == ours):
        return _echo(ours, item, message)
    if message:
        return (
            _changed(ours, item, message)
            if message.get("is_deleted") is True
            else _wrote(ours, item, message)
        )
    for key, reader in (("message_edit", _edited), ("read", _read)):
        if mapping(item, key):
            return reader(ours, item, mapping(item, key))
    for key, content in (("postback", _tapped), ("reaction", _reacted), ("referral", _led_here)):
        part = mapping(item, key)
        if part:
            return _received(ours, item, _own_id(item, key, part), content(part))
    return None


def _wrote(ours: str, item: Item, message: Item) -> MessageReceived:
    return _received(ours, item, text(message, "mid") or _own_id(item, "message", message), _content(message))


def _received(ours: str, item: Item, message_id: str, content: Content) -> MessageReceived:
    return MessageReceived(
        event_id=digest("instagram", ours, message_id, "message"),
        channel="instagram",
        account=ours,
        sender=_sender(item),
        message_id=message_id,
        at=_at(item),
        content=content,
    )


def _echo(ours: str, item: Item, message: Item) -> EchoReceived:
    """Our side wrote or withdrew: this desk, another app, or a person in Instagram."""
    message_id = text(message, "mid") or _own_id(item, "echo", message)
    withdrawn = message.get("is_deleted") is True
    return EchoReceived(
        event_id=digest("instagram", ours, message_id, "echo:withdrawn" if withdrawn else "echo"),
        channel="instagram",
        account=ours,
        customer=text(mapping(item, "recipient"), "id"),
        message_id=message_id,
        at=_at(item),
        content=Content() if withdrawn else _content(message),
        app_id=text(message, "app_id") or None,
        change="withdrawn" if withdrawn else None,
    )


def _changed(ours: str, item: Item, message: Item, content: Content | None = None) -> MessageChanged | None:
    """A customer withdrew a message, or wrote it anew where `content` says how."""
    message_id = text(message, "mid")
    if not message_id:
        return None
    kind = f"edited:{text(message, 'num_edit')}" if content else "withdrawn"
    return MessageChanged(
        event_id=digest("instagram", ours, message_id, kind),
        channel="instagram",
        account=ours,
        sender=_sender(item),
        message_id=message_id,
        change="edited" if content else "withdrawn",
        at=_at(item),
        content=content,
    )


def _edited(ours: str, item: Item, edit: Item) -> MessageChanged | None:
    return _changed(ours, item, edit, Content(text=text(edit, "text")))


def _read(ours: str, item: Item, read: Item) -> DeliveryReported:
    """The customer saw a message of ours; without its id, all up to the instant."""
    message_id = text(read, "mid")
    at = _at(read, "watermark") if number(read, "watermark") and not message_id else _at(item)
    customer = text(mapping(item, "sender"), "id")
    return DeliveryReported(
        event_id=digest("instagram", ours, message_id or f"{customer} {at}", "status:read"),
        channel="instagram",
        account=ours,
        customer=customer,
        message_id=message_id or None,
        status="read",
        at=at,
    )


def _content(message: Item) -> Content:
    """Words, a tapped quick reply, files, shared posts; what Instagram cannot show stays unsupported."""
    words, quick = text(message, "text"), text(mapping(message, "quick_reply"), "payload")
    files, shared = _files(message), _shared(message)
    data = {**shared, **_context(message)} or None
    reply_to = text(mapping(message, "reply_to"), "mid") or None
    if quick:
        return Content(kind="choice", text=words, choice=quick, reply_to=reply_to, data=data)
    if files or shared:
        seen = words or ", ".join(
            text(one, "title") or text(one, "url") for one in mappings(shared, "shared")
        )
        return Content(kind="media", text=seen, attachments=files, reply_to=reply_to, data=data)
    if any(text(one, "type") == "like_heart" for one in mappings(message, "attachments")):
        return Content(text="❤️", reply_to=reply_to, data=data)
    if not words:
        return Content(kind="unsupported", reply_to=reply_to, data=kept(message))
    return Content(text=words, reply_to=reply_to, data=data)


def _files(message: Item) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(kind=_ATTACHMENT[kind], url=text(mapping(one, "payload"), "url") or None)  # type: ignore[arg-type]  # the table's values are kinds
        for one in mappings(message, "attachments")
        if (kind := text(one, "type")) in _ATTACHMENT
    )


def _shared(message: Item) -> Item:
    """Posts, reels and stories that came as a reference."""
    found = [
        {"type": text(one, "type"), **kept(mapping(one, "payload"))}
        for one in mappings(message, "attachments")
        if text(one, "type") in _SHARED
    ]
    return {"shared": found} if found else {}


def _context(message: Item) -> Item:
    """The story a message answers, and what led the customer here."""
    story, referral = mapping(mapping(message, "reply_to"), "story"), mapping(message, "referral")
    context: Item = {"story": kept(story)} if story else {}
    return {**context, "referral": kept(referral)} if referral else context


def _tapped(postback: Item) -> Content:
    """A tap on an icebreaker or a template's button."""
    referral = mapping(postback, "referral")
    return Content(
        kind="choice",
        text=text(postback, "title"),
        choice=text(postback, "payload") or None,
        data={"referral": kept(referral)} if referral else None,
    )


def _reacted(reaction: Item) -> Content:
    """An emoji on a message; without one, a reaction that was taken back."""
    emoji = text(reaction, "emoji") or text(reaction, "reaction")
    taken_back = text(reaction, "action") == "unreact"
    return Content(kind="reaction", text="" if taken_back else emoji, reply_to=text(reaction, "mid") or None)


def _led_here(referral: Item) -> Content:
    return Content(kind="referral", text=text(referral, "ref"), data=kept(referral))


def _sender(item: Item) -> Sender:
    sender = mapping(item, "sender")
    return Sender(id=text(sender, "id"), handle=text(sender, "username") or None)


def _at(item: Item, key: str = "timestamp") -> str:
    """The item's instant, which is in milliseconds but in tests from the dashboard in seconds."""
    value = number(item, key) or 0
    return instant_of(item, key, per_second=1000 if value > 100_000_000_000 else 1)


def _own_id(item: Item, key: str, part: Item) -> str:
    """The id an item names, or one made of what it says; a reaction names the message it is on."""
    if key == "postback" and text(part, "mid"):
        return text(part, "mid")
    return digest(
        text(mapping(item, "sender"), "id"), text(item, "timestamp"), key, repr(sorted(kept(part).items()))
    )
