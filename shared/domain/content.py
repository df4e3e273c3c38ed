"""What people say to each other on any channel: the parts of a message, the same for all channels."""

from typing import Literal

import msgspec

ChannelName = Literal["webchat", "whatsapp", "instagram", "sms", "email", "phone", "room", "api"]
SPOKEN: tuple[ChannelName, ...] = ("phone", "room")
"""Channels of calls: what is said there is heard, and answered by whoever carries the sound."""


class Attachment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that came or goes with a message. The bytes live in Blobs or still at the vendor."""

    kind: Literal["image", "audio", "video", "document", "sticker"]
    media_type: str = "application/octet-stream"
    media_id: str | None = None  # the vendor's name for it, to be fetched within its days
    url: str | None = None  # where the vendor serves it, where it says so
    blob: str | None = None  # our name for it once fetched or uploaded
    file_name: str | None = None
    size: int | None = None  # bytes
    sha256: str | None = None  # hexadecimal
    refused: str | None = None  # why it was not fetched, and never will be


class Location(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place a customer shared."""

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


class Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message's content. `kind` says what the customer did; `text` is what a reader sees of it.

    A tapped button or list row carries its title in `text` and its id in `choice`; a reaction its
    emoji in `text` and the message it is on in `reply_to`; contact cards, orders and what a channel
    calls unsupported keep the vendor's own words in `data` and a readable line in `text`.
    """

    kind: Literal[
        "text",
        "media",
        "location",
        "choice",
        "reaction",
        "contacts",
        "order",
        "form",
        "referral",
        "system",
        "unsupported",
    ] = "text"
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    location: Location | None = None
    choice: str | None = None
    reply_to: str | None = None  # the vendor's id of the message this one answers
    data: dict[str, object] | None = None  # the vendor's own structure, for kinds we only pass on

    @property
    def wants_answer(self) -> bool:
        """Whether a person would expect a reply: a reaction or a system note asks for none."""
        return self.kind not in ("reaction", "system", "referral")


class Choice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing a customer may tap: shown as a button, a list row or a number, as the channel can."""

    id: str
    title: str
    description: str = ""


class Template(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message the vendor approved beforehand, the one thing that may be sent outside the window."""

    name: str
    language: str
    parameters: tuple[str, ...] = ()  # the body's placeholders in order


class Outgoing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the desk says, already cut to what its channel can show."""

    text: str = ""
    choices: tuple[Choice, ...] = ()
    choices_label: str = ""  # the words on a list's opening button, e.g. "Times"
    attachments: tuple[Attachment, ...] = ()
    template: Template | None = None
