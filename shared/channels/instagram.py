"""Instagram direct messages: the front of the channel; events are read in `instagram_events`.

Credentials: `access_token`. The account's id is that of the professional account, its `api_url` the
address of graph.instagram.com, or of graph.facebook.com for an account linked to a page. What we send is
never tagged HUMAN_AGENT: that tag is for people. Source:
developers.facebook.com/documentation/business-messaging/instagram-messaging.
"""

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.channels import meta_graph, meta_media
from shared.channels.fit import misfit
from shared.channels.instagram_events import account, parse
from shared.channels.meta_signature import verify
from shared.channels.shape import Account, Dispatch, Limits, Outcome, Rejected
from shared.channels.vendor_json import Item, text
from shared.domain.content import Attachment, ChannelName, Outgoing
from shared.domain.errors import FrontdeskError, Permanent
from shared.domain.events import Failure

if TYPE_CHECKING:
    import httpx

    from shared.config.channels import InstagramSettings

    Settings = InstagramSettings
else:

    def __getattr__(name: str) -> object:
        """The settings' class, loaded when asked for: receivers need no pydantic."""
        if name == "Settings":
            from shared.config.channels import InstagramSettings  # noqa: PLC0415 - see the docstring

            return InstagramSettings
        raise AttributeError(f"{__name__} has no {name}")


__all__ = ["NAME", "Settings", "account", "fetch", "limits", "parse", "send", "typing", "verify"]

NAME: ChannelName = "instagram"
_MB = 1_000_000
limits = Limits(
    text=1000,
    text_bytes=1000,
    buttons=13,  # quick replies
    with_choices=1000,
    window=timedelta(hours=24),
    media={"image": 8 * _MB, "audio": 25 * _MB, "video": 25 * _MB, "document": 25 * _MB},
)
_VENDOR_KIND = {"image": "image", "audio": "audio", "video": "video", "document": "file"}


async def send(http: "httpx.AsyncClient", account: Account, dispatch: Dispatch) -> Outcome:
    """Hand one message to Meta, once. Its echo comes back with the id it is given here."""
    problem = misfit(dispatch.message, limits) or _unknown_here(dispatch.message)
    if problem:
        return Rejected(problem)
    body = {"recipient": {"id": dispatch.to}, "message": _message(dispatch.message)}
    answer = await meta_graph.post(http, account, "me/messages", json=body)
    return meta_graph.outcome(answer, text(answer, "message_id") if isinstance(answer, dict) else "")


async def typing(http: "httpx.AsyncClient", account: Account, to: str, reply_to: str | None) -> None:  # noqa: ARG001
    """Mark the conversation seen and show that the desk types."""
    with suppress(FrontdeskError):
        for action in ("mark_seen", "typing_on"):
            body = {"recipient": {"id": to}, "sender_action": action}
            await meta_graph.post(http, account, "me/messages", json=body)


async def fetch(http: "httpx.AsyncClient", account: Account, attachment: Attachment) -> tuple[bytes, str]:
    """The bytes behind the address Meta gave, which needs no token, and their true type."""
    if not attachment.url or attachment.kind not in limits.media:
        raise Permanent(f"an Instagram {attachment.kind} without an address cannot be fetched")
    return await meta_media.download(
        http,
        attachment.url,
        kind=attachment.kind,
        claimed=attachment.media_type,
        most=limits.media[attachment.kind],
        api_url=account.api_url,
    )


def _unknown_here(message: Outgoing) -> Failure | None:
    """What other channels carry and Instagram does not."""
    if message.template:
        return Failure(code="misfit", title="Instagram knows no templates", action="fix_config")
    if message.text and message.attachments:
        return Failure(code="misfit", title="text beside an attachment; send them apart", action="fix_config")
    if any(one.kind not in _VENDOR_KIND or not one.url for one in message.attachments):
        return Failure(
            code="misfit", title="Instagram takes images, audio, video and files by link", action="fix_config"
        )
    return None


def _message(message: Outgoing) -> Item:
    if message.attachments:
        attachment = message.attachments[0]
        return {
            "attachment": {"type": _VENDOR_KIND[attachment.kind], "payload": {"url": attachment.url}},
        }
    written: Item = {"text": message.text}
    if message.choices:
        written["quick_replies"] = [
            {"content_type": "text", "title": choice.title, "payload": choice.id}
            for choice in message.choices
        ]
    return written
