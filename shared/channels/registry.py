"""Finds the channel by its name in a desk's configuration, and loads no other."""

from typing import TYPE_CHECKING

from shared.domain.content import ChannelName
from shared.domain.errors import NotConnected

if TYPE_CHECKING:
    from shared.channels.shape import Channel


def channel_named(channel: ChannelName, provider: str | None = None) -> "Channel":  # noqa: PLR0911 - one a channel
    """The module of a channel; WhatsApp is carried by `meta` (as said or left out) or `twilio`.

    Raises NotConnected for a channel that no module of this folder carries.
    """
    # ruff: noqa: PLC0415 - a receiver of one channel pays for that one
    match channel, provider:
        case "webchat", _:
            from shared.channels import webchat

            return webchat
        case "whatsapp", "meta" | None:
            from shared.channels import whatsapp

            return whatsapp
        case "whatsapp", "twilio":
            from shared.channels import twilio_whatsapp

            return twilio_whatsapp
        case "instagram", "meta" | None:
            from shared.channels import instagram

            return instagram
        case "sms", "twilio" | None:
            from shared.channels import twilio_sms

            return twilio_sms
        case "phone", "livekit_sip" | None:
            from shared.channels import phone

            return phone
        case "room", "livekit_web" | None:
            from shared.channels import room

            return room
    by = f" by {provider}" if provider else ""
    raise NotConnected(f"channel {channel!r} is not carried{by}; choose another or leave it out of the desk")
