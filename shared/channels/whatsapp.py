"""WhatsApp through Meta's Cloud API: the front of the channel; events are read in `whatsapp_events`.

Credentials: `access_token`. The account's id is the `phone_number_id`, its `api_url` the address of the
Graph API without a version. Source: developers.facebook.com/documentation/business-messaging/whatsapp.
"""

import re
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.channels import meta_graph, meta_media
from shared.channels.fit import misfit, shown_as_buttons
from shared.channels.meta_signature import verify
from shared.channels.shape import Account, Dispatch, Limits, Outcome, Rejected, Unknown
from shared.channels.vendor_json import Item, mappings, text
from shared.channels.whatsapp_events import account, parse
from shared.domain.content import Attachment, ChannelName, Choice, Outgoing, Template
from shared.domain.errors import FrontdeskError, Permanent, Transient
from shared.domain.events import Failure

if TYPE_CHECKING:
    import httpx

    from shared.config.channels import WhatsappSettings

    Settings = WhatsappSettings
else:

    def __getattr__(name: str) -> object:
        """The settings' class, loaded when asked for: receivers need no pydantic."""
        if name == "Settings":
            from shared.config.channels import WhatsappSettings  # noqa: PLC0415 - see the docstring

            return WhatsappSettings
        raise AttributeError(f"{__name__} has no {name}")


__all__ = ["NAME", "Settings", "account", "fetch", "limits", "parse", "send", "typing", "verify"]

NAME: ChannelName = "whatsapp"
_MB = 1_000_000
limits = Limits(
    text=4096,
    buttons=3,
    list_rows=10,
    window=timedelta(hours=24),
    media={
        "image": 5 * _MB,
        "audio": 16 * _MB,
        "video": 16 * _MB,
        "document": 100 * _MB,
        "sticker": 500_000,
    },
)
_BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]+")  # a customer's id within this business
_WITHOUT_CAPTION = ("audio", "sticker")
_LIST_LABEL = "Options"  # where the desk names none


async def send(http: "httpx.AsyncClient", account: Account, dispatch: Dispatch) -> Outcome:
    """Hand one message to Meta, once; our key comes back with every status of it."""
    if problem := misfit(dispatch.message, limits):
        return Rejected(problem)
    body = await _body(http, account, dispatch)
    if isinstance(body, Rejected):
        return body
    answer = await meta_graph.post(
        http, account, f"{account.id}/messages", json={**_envelope(dispatch), **body}
    )
    sent = mappings(answer, "messages") if isinstance(answer, dict) else []
    return meta_graph.outcome(answer, text(sent[0], "id") if sent else "")


async def typing(http: "httpx.AsyncClient", account: Account, to: str, reply_to: str | None) -> None:  # noqa: ARG001
    """Mark the customer's message read and show that the desk types, for up to 25 seconds."""
    if reply_to is None:
        return
    mark = {"status": "read", "message_id": reply_to, "typing_indicator": {"type": "text"}}
    with suppress(FrontdeskError):
        await meta_graph.post(
            http, account, f"{account.id}/messages", json={"messaging_product": "whatsapp", **mark}
        )


async def fetch(http: "httpx.AsyncClient", account: Account, attachment: Attachment) -> tuple[bytes, str]:
    """The bytes a customer sent and their true type, checked against Meta's digest."""
    if not attachment.media_id or not attachment.media_id.isalnum():
        raise Permanent("the attachment names no WhatsApp media id")
    described = await meta_graph.ask(http, account, attachment.media_id)
    return await meta_media.download(
        http,
        text(described, "url"),
        kind=attachment.kind,
        claimed=text(described, "mime_type") or attachment.media_type,
        sha256=text(described, "sha256") or attachment.sha256 or "",
        most=limits.media[attachment.kind],
        headers=meta_graph.bearer(account),
        api_url=account.api_url,
    )


def _envelope(dispatch: Dispatch) -> Item:
    """Who gets it and under which key of ours."""
    recipient = "recipient" if _BSUID.fullmatch(dispatch.to) else "to"
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        recipient: dispatch.to,
        "biz_opaque_callback_data": dispatch.key,
    }


async def _body(http: "httpx.AsyncClient", account: Account, dispatch: Dispatch) -> Item | Rejected:
    """The type and its object."""
    message = dispatch.message
    if message.template:
        return {"type": "template", "template": _template(message.template)}
    if message.attachments:
        return await _media(http, account, dispatch)
    if message.choices:
        return {"type": "interactive", "interactive": _interactive(message)}
    return {"type": "text", "text": {"body": message.text, "preview_url": False}}


def _template(template: Template) -> Item:
    written: Item = {"name": template.name, "language": {"code": template.language}}
    if template.parameters:
        values = [{"type": "text", "text": value} for value in template.parameters]
        written["components"] = [{"type": "body", "parameters": values}]
    return written


def _interactive(message: Outgoing) -> Item:
    """Up to three short choices are buttons, up to ten are the rows of a list."""
    body = {"text": message.text}
    if shown_as_buttons(message, limits):
        buttons = [{"type": "reply", "reply": {"id": one.id, "title": one.title}} for one in message.choices]
        return {"type": "button", "body": body, "action": {"buttons": buttons}}
    rows = [_row(choice) for choice in message.choices]
    label = (message.choices_label or _LIST_LABEL)[: limits.button_title]
    return {"type": "list", "body": body, "action": {"button": label, "sections": [{"rows": rows}]}}


def _row(choice: Choice) -> Item:
    row: Item = {"id": choice.id, "title": choice.title}
    return {**row, "description": choice.description} if choice.description else row


async def _media(http: "httpx.AsyncClient", account: Account, dispatch: Dispatch) -> Item | Rejected:
    """Media by the id of an upload or by a link the vendor fetches."""
    attachment = dispatch.message.attachments[0]
    held = dispatch.media.get(attachment.blob or "")
    if held:
        media_id = await _upload(http, account, attachment, *held)
        if isinstance(media_id, Rejected):
            return media_id
        media: Item = {"id": media_id}
    elif attachment.media_id or attachment.url:
        media = {"id": attachment.media_id} if attachment.media_id else {"link": attachment.url}
    else:
        return Rejected(
            Failure(code="misfit", title="an attachment needs bytes or a link", action="fix_config")
        )
    if dispatch.message.text and attachment.kind not in _WITHOUT_CAPTION:
        media["caption"] = dispatch.message.text
    if attachment.kind == "document" and attachment.file_name:
        media["filename"] = attachment.file_name
    return {"type": attachment.kind, attachment.kind: media}


async def _upload(
    http: "httpx.AsyncClient", account: Account, attachment: Attachment, content: bytes, media_type: str
) -> str | Rejected:
    """The id Meta gave the bytes. Nothing reaches the customer yet, so a broken line here is transient."""
    answer = await meta_graph.post(
        http,
        account,
        f"{account.id}/media",
        data={"messaging_product": "whatsapp", "type": media_type},
        files={"file": (attachment.file_name or attachment.kind, content, media_type)},
    )
    if isinstance(answer, Rejected):
        return answer
    media_id = "" if isinstance(answer, Unknown) else text(answer, "id")
    if not media_id:
        raise Transient("an upload to WhatsApp was not confirmed; the message was not sent")
    return media_id
