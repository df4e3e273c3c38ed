"""Chat on the business's own site: the widget writes here and reads what is written from the store.

A visitor is a secret session, 128 random bits or more made by the widget and sent in a header; who they
are to the business, where its site signs that, the door verifies. The account's id is the desk's. No
credentials, no vendor: what the desk says is sent by being stored.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.channels.shape import Account, Dispatch, Limits, Outcome, Sent, Webhook
from shared.channels.vendor_json import Item, decode, text
from shared.domain.content import Attachment, ChannelName, Content
from shared.domain.errors import Forged, Malformed
from shared.domain.events import Event, MessageReceived, Sender
from shared.domain.identity import digest

if TYPE_CHECKING:
    import httpx

    from shared.config.channels import WebchatSettings

    Settings = WebchatSettings
else:

    def __getattr__(name: str) -> object:
        """The settings' class, loaded when asked for: receivers need no pydantic."""
        if name == "Settings":
            from shared.config.channels import WebchatSettings  # noqa: PLC0415 - see the docstring

            return WebchatSettings
        raise AttributeError(f"{__name__} has no {name}")


__all__ = [
    "NAME",
    "SESSION",
    "Settings",
    "account",
    "language",
    "limits",
    "parse",
    "send",
    "verify",
    "visitor",
]

NAME: ChannelName = "webchat"
SESSION = "x-frontdesk-session"
_MB = 1_000_000
limits = Limits(
    text=8000,
    buttons=10,
    button_title=40,
    with_choices=8000,
    media={"image": 10 * _MB, "audio": 16 * _MB, "video": 16 * _MB, "document": 20 * _MB},
    streams=True,
    receipts=False,
)
_MOST_WORDS = 8000  # characters of one message of a visitor
_MOST_FILES = 5
_DESK = re.compile(r"/chat/([A-Za-z0-9][A-Za-z0-9_-]{0,99})/")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_RANDOM = re.compile(r"[A-Za-z0-9_-]{22,200}")  # 22 of 64 letters carry 132 bits
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f-]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.IGNORECASE)


def verify(webhook: Webhook, secrets: Sequence[str]) -> None:  # noqa: ARG001 - a session needs no secret of ours
    """Returns if the request carries one session that nobody could guess. Raises Forged otherwise."""
    session = webhook.header(SESSION) or ""
    letters = session.replace("-", "") if _HEXADECIMAL.fullmatch(session) else ""
    if not _RANDOM.fullmatch(session) or (letters and len(letters) < 32) or len(set(session)) < 8:
        raise Forged(f"the header {SESSION} must be one random value of 128 bits or more")


def visitor(session: str) -> str:
    """The visitor's id on the channel: a digest, so that the secret itself is stored nowhere."""
    return digest("webchat session", session)


def account(webhook: Webhook) -> str | None:
    """The desk in the address."""
    found = _DESK.search(webhook.url)
    return found[1] if found else None


def parse(webhook: Webhook) -> list[Event]:
    """The one message of `{text, client_message_id, attachments?, choice?}`. Raises Malformed.

    The message's id is made of the visitor's session and of the widget's own id for it, so that a retry is
    the same message. Attachments are names our upload gave, as `media_id`; the door looks them up.
    """
    body, desk = decode(webhook.body), account(webhook)
    name = text(body, "client_message_id")
    if not desk or not _NAME.fullmatch(name):
        raise Malformed("`client_message_id` must be 1 to 100 letters, digits, dots, dashes or underscores")
    sender = visitor(webhook.header(SESSION) or "")
    message_id = digest("webchat", desk, sender, name)
    return [
        MessageReceived(
            event_id=digest("webchat", desk, message_id, "message"),
            channel="webchat",
            account=desk,
            sender=Sender(id=sender),
            message_id=message_id,
            at="",  # a browser's clock proves nothing; the recorder's instant stands
            content=_content(body),
            language=language(webhook),
        )
    ]


async def send(http: "httpx.AsyncClient", account: Account, dispatch: Dispatch) -> Outcome:  # noqa: ARG001 - no vendor
    """Nothing to hand over: the widget reads the stored message."""
    return Sent(dispatch.key)


def _content(body: Item) -> Content:
    words, choice = body.get("text", ""), body.get("choice")
    if not isinstance(words, str) or len(words) > _MOST_WORDS:
        raise Malformed(f"`text` must be text of at most {_MOST_WORDS} characters")
    if choice is not None and not (isinstance(choice, str) and 0 < len(choice) <= 200):
        raise Malformed("`choice` must be the id of a choice")
    files = _files(body.get("attachments") or [])
    if not (words.strip() or choice or files):
        raise Malformed("a message needs `text`, `choice` or `attachments`")
    return Content(
        kind="choice" if choice else "media" if files else "text",
        text=words,
        choice=choice,
        attachments=files,
    )


def _files(found: object) -> tuple[Attachment, ...]:
    if not isinstance(found, list) or len(found) > _MOST_FILES:
        raise Malformed(f"`attachments` must be a list of at most {_MOST_FILES}")
    if not all(isinstance(one, str) and _NAME.fullmatch(one) for one in found):
        raise Malformed("`attachments` holds something that is no name of an upload")
    return tuple(Attachment(kind="document", media_id=one) for one in found)


def language(webhook: Webhook) -> str | None:
    """The language the browser asks for first."""
    first = (webhook.header("accept-language") or "").partition(",")[0].partition(";")[0].strip()
    return first if _LANGUAGE.fullmatch(first) and len(first) <= 35 else None
