"""Telephone calls through LiveKit's SIP server: what is said is stored, and who carries the call says it."""

from typing import TYPE_CHECKING

from shared.channels.livekit_webhook import account, parse, send, verify
from shared.channels.shape import Limits
from shared.domain.content import ChannelName

if TYPE_CHECKING:
    from shared.config.channels import PhoneSettings

    Settings = PhoneSettings
else:

    def __getattr__(name: str) -> object:
        """The settings' class, loaded when asked for: receivers need no pydantic."""
        if name == "Settings":
            from shared.config.channels import PhoneSettings  # noqa: PLC0415 - see the docstring

            return PhoneSettings
        raise AttributeError(f"{__name__} has no {name}")


__all__ = ["NAME", "Settings", "account", "limits", "parse", "send", "verify"]

NAME: ChannelName = "phone"
limits = Limits(text=4000, receipts=False)
