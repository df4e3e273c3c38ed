"""Text messages through Twilio; with pictures where the country has MMS."""

from datetime import datetime
from typing import TYPE_CHECKING

from shared.channels import twilio_events, twilio_messages
from shared.channels.shape import Account, Dispatch, Limits, Outcome, Sent, Webhook
from shared.channels.twilio_events import account, service
from shared.channels.twilio_signature import verify
from shared.domain.content import Attachment, ChannelName
from shared.domain.events import Event

if TYPE_CHECKING:
    import httpx

    from shared.config.channels import SmsSettings

    Settings = SmsSettings
else:

    def __getattr__(name: str) -> object:
        """The settings' class, loaded when asked for: receivers need no pydantic."""
        if name == "Settings":
            from shared.config.channels import SmsSettings  # noqa: PLC0415 - see the docstring

            return SmsSettings
        raise AttributeError(f"{__name__} has no {name}")


__all__ = ["NAME", "Settings", "account", "fetch", "limits", "lookup", "parse", "send", "service", "verify"]

NAME: ChannelName = "sms"
limits = Limits(
    text=1600,
    media={"image": 5_000_000, "audio": 5_000_000, "video": 5_000_000, "document": 5_000_000},
)
_PREFIX = ""
_FILES = 10  # attachments in one message


def parse(webhook: Webhook) -> list[Event]:
    """The one fact of a form. Raises Malformed."""
    return twilio_events.parse(webhook, NAME)


async def send(http: "httpx.AsyncClient", account: Account, dispatch: Dispatch) -> Outcome:
    """Hand one message to Twilio, once; its statuses come back with our key in their address."""
    return await twilio_messages.send(http, account, dispatch, limits, prefix=_PREFIX, files=_FILES)


async def lookup(
    http: "httpx.AsyncClient", account: Account, dispatch: Dispatch, since: datetime
) -> Sent | None:
    """The message as Twilio has it, found by customer, time and words; None where it never arrived."""
    return await twilio_messages.lookup(http, account, dispatch, since, prefix=_PREFIX)


async def fetch(http: "httpx.AsyncClient", account: Account, attachment: Attachment) -> tuple[bytes, str]:
    """The bytes a customer sent and their true type."""
    return await twilio_messages.fetch(http, account, attachment, limits)
