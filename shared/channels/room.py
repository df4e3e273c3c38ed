"""Voice in the browser, in LiveKit's rooms: what is said is stored, and who carries the call speaks it."""

from typing import TYPE_CHECKING

from shared.channels.livekit_webhook import account, parse, send, verify
from shared.channels.shape import Limits
from shared.domain.content import ChannelName

if TYPE_CHECKING:
    from shared.config.channels import RoomSettings

    Settings = RoomSettings
else:

    def __getattr__(name: str) -> object:
        """The settings' class, loaded when asked for: receivers need no pydantic."""
        if name == "Settings":
            from shared.config.channels import RoomSettings  # noqa: PLC0415 - see the docstring

            return RoomSettings
        raise AttributeError(f"{__name__} has no {name}")


__all__ = ["NAME", "Settings", "account", "limits", "parse", "send", "verify"]

NAME: ChannelName = "room"
limits = Limits(text=4000, receipts=False)
