"""Turns a WhatsApp message object into our content, a function a type; what is unknown is kept."""

from collections.abc import Callable

import msgspec

from shared.channels.meta_media import hexadecimal
from shared.channels.vendor_json import Item, kept, mapping, mappings, number, text
from shared.domain.content import Attachment, Content, Location


def content_of(item: Item) -> Content:
    """The content of a message or echo, in the vendor's own words where it is of a type we cannot read."""
    kind = text(item, "type")
    content = _READERS.get(kind, _unsupported)(item)
    reply_to = content.reply_to or text(mapping(item, "context"), "id") or None
    data = content.data
    if mapping(item, "referral"):  # the advertisement or post that led the customer here
        data = {**(data or {}), "referral": kept(mapping(item, "referral"))}
    return msgspec.structs.replace(content, reply_to=reply_to, data=data)


def _text(item: Item) -> Content:
    words = text(mapping(item, "text"), "body")
    return Content(text=words) if words else _unsupported(item)


def _media(item: Item) -> Content:
    kind = text(item, "type")
    media = mapping(item, kind)
    attachment = Attachment(
        kind=kind,  # type: ignore[arg-type]  # the table below lists media types alone
        media_type=text(media, "mime_type") or "application/octet-stream",
        media_id=text(media, "id") or None,
        url=text(media, "url") or None,
        file_name=text(media, "filename") or None,
        sha256=hexadecimal(text(media, "sha256")) or None,
    )
    return Content(kind="media", text=text(media, "caption"), attachments=(attachment,))


def _location(item: Item) -> Content:
    place = mapping(item, "location")
    latitude, longitude = number(place, "latitude"), number(place, "longitude")
    if latitude is None or longitude is None:
        return _unsupported(item)
    name, address = text(place, "name"), text(place, "address")
    return Content(
        kind="location",
        text=", ".join(part for part in (name, address) if part) or f"{latitude}, {longitude}",
        location=Location(latitude=latitude, longitude=longitude, name=name or None, address=address or None),
    )


def _interactive(item: Item) -> Content:
    """A tapped button or list row, or a form that was filled in."""
    interactive = mapping(item, "interactive")
    kind = text(interactive, "type")
    reply = mapping(interactive, kind)
    if kind in ("button_reply", "list_reply"):
        return Content(kind="choice", text=text(reply, "title"), choice=text(reply, "id") or None)
    if kind == "nfm_reply":
        return Content(
            kind="form", text=text(reply, "body"), data=kept(_answers(text(reply, "response_json")))
        )
    return _unsupported(item)


def _answers(written: str) -> Item:
    """A form's answers, which come as JSON inside JSON."""
    try:
        found = msgspec.json.decode(written)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return {"response_json": written}
    return found if isinstance(found, dict) else {"response_json": written}


def _button(item: Item) -> Content:
    """A tap on a template's quick reply."""
    button = mapping(item, "button")
    return Content(kind="choice", text=text(button, "text"), choice=text(button, "payload") or None)


def _reaction(item: Item) -> Content:
    """An emoji on a message; without one, a reaction that was taken back."""
    reaction = mapping(item, "reaction")
    return Content(
        kind="reaction", text=text(reaction, "emoji"), reply_to=text(reaction, "message_id") or None
    )


def _contacts(item: Item) -> Content:
    cards = mappings(item, "contacts")
    lines = [
        " ".join(
            [
                text(mapping(card, "name"), "formatted_name"),
                *(text(one, "phone") for one in mappings(card, "phones")),
            ]
        )
        for card in cards
    ]
    return Content(
        kind="contacts",
        text="; ".join(line.strip() for line in lines),
        data={"contacts": [kept(card) for card in cards]},
    )


def _order(item: Item) -> Content:
    order = mapping(item, "order")
    wanted = [
        f"{text(one, 'quantity')} × {text(one, 'product_retailer_id')}"
        for one in mappings(order, "product_items")
    ]
    note = text(order, "text")
    return Content(kind="order", text="\n".join(([note] if note else []) + wanted), data=kept(order))


def _system(item: Item) -> Content:
    """A note by WhatsApp itself, e.g. that the customer changed their number."""
    system = mapping(item, "system")
    return Content(kind="system", text=text(system, "body"), data=kept(system) or None)


def _unsupported(item: Item) -> Content:
    """What WhatsApp, or this file, cannot read: kept in the vendor's words."""
    kind = text(item, "type")
    own = mapping(item, kind)
    data: Item = {"type": kind}
    if own:
        data[kind] = kept(own)
    if mappings(item, "errors"):
        data["errors"] = [kept(error) for error in mappings(item, "errors")]
    return Content(kind="unsupported", data=data)


_READERS: dict[str, Callable[[Item], Content]] = {
    "text": _text,
    **dict.fromkeys(("image", "audio", "video", "document", "sticker"), _media),
    "location": _location,
    "interactive": _interactive,
    "button": _button,
    "reaction": _reaction,
    "contacts": _contacts,
    "order": _order,
    "system": _system,
    "request_welcome": _system,
}
