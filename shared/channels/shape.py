"""The one shape of a channel: what every file in this folder exports, and the words they share.

A channel module has `NAME`, `Settings` (pydantic, the desk's `channels.<name>` block), `limits`,
`account`, `verify`, `parse` and `send`; it may have `fetch`, `typing`, `lookup` and `service`. Besides,
Meta's two have `handshake`, and web chat `SESSION`, `visitor` and `language`; nothing else is public.
It keeps no state and reads no environment: what it needs is handed in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from shared.domain.content import Attachment, ChannelName, Outgoing
from shared.domain.events import Event, Failure

if TYPE_CHECKING:
    import httpx
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a channel can carry; replies are cut to it before they are stored."""

    text: int  # characters in one message
    text_bytes: int | None = None  # and bytes of UTF-8, where the vendor counts these
    buttons: int = 0  # tappable choices in one message; 0 = none, choices become numbered text
    button_title: int = 20
    list_rows: int = 0  # rows of a list; 0 = no lists
    row_title: int = 24
    row_description: int = 72
    with_choices: int = 1024  # characters of text beside buttons or a list
    window: timedelta | None = None  # free text only so long after the customer's last message
    media: Mapping[str, int] = field(default_factory=dict)  # attachment kind -> most bytes
    streams: bool = False  # shows an answer while it is being written
    receipts: bool = True  # reports delivered and read


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An HTTP request from a vendor, as it came: nothing decoded, header names in lower case."""

    method: str
    url: str  # as the vendor called it, built from our configured public address
    query: Mapping[str, str]
    headers: Sequence[tuple[str, str]]  # repeats kept, so that a doubled signature is seen
    body: bytes

    def header(self, name: str) -> str | None:
        """The header's only value; None where it is missing or came twice."""
        values = [value for key, value in self.headers if key == name]
        return values[0] if len(values) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A desk's account at a vendor: its settings, and the credentials they refer to, resolved."""

    id: str  # phone_number_id, Instagram id, E.164 number, desk id
    settings: "BaseModel"
    credentials: Mapping[str, str]  # e.g. {"access_token": "..."}; names as the channel documents
    api_url: str  # the vendor's address, an operator's setting
    callback_url: str | None = None  # where deliveries are reported, for a vendor told so with each send


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One message to send: to whom, what, under which key."""

    key: str  # our outbox key
    to: str  # the customer's id on the channel
    to_phone: str | None = None
    message: Outgoing
    reply_to: str | None = None  # vendor's id of the customer's newest message, for typing and receipts
    media: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)  # blob name -> bytes, media type


@dataclass(frozen=True, slots=True)
class Sent:
    """The vendor took it and gave it this id."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The vendor did not take it, for certain; `failure` says why and what to do next."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been taken or not: the line broke after the request had gone out."""

    detail: str


Outcome = Sent | Rejected | Unknown


class Channel(Protocol):
    """A channel module, as the desk and the doors see it."""

    NAME: ChannelName
    limits: Limits

    @property
    def Settings(self) -> "type[BaseModel]":  # noqa: N802 - a class
        """The desk's block for this channel, loaded only when asked for."""
        ...

    def verify(self, webhook: Webhook, secrets: Sequence[str]) -> None:
        """Returns if one of the secrets signed the webhook. Raises Forged otherwise, whatever the input."""
        ...

    def parse(self, webhook: Webhook) -> list[Event]:
        """The facts in a webhook, all of them, in order. Raises Malformed if it is not of the vendor's form.

        A part it does not know becomes a MessageReceived of kind `unsupported` or is left out where
        nobody spoke; one bad part never hides the others.
        """
        ...

    def account(self, webhook: Webhook) -> str | None:
        """The account named in the unverified body, only to choose the secret."""
        ...

    async def send(self, http: "httpx.AsyncClient", account: Account, dispatch: Dispatch) -> Outcome:
        """Hand one message to the vendor, once. Raises Transient only where no connection was made."""
        ...


@runtime_checkable
class Fetches(Protocol):
    """A channel that can fetch media a customer sent."""

    async def fetch(
        self, http: "httpx.AsyncClient", account: Account, attachment: Attachment
    ) -> tuple[bytes, str]:
        """The bytes and their true media type, within `limits.media`. Raises Permanent or Transient."""
        ...


@runtime_checkable
class Types(Protocol):
    """A channel that shows read marks and typing."""

    async def typing(
        self, http: "httpx.AsyncClient", account: Account, to: str, reply_to: str | None
    ) -> None:
        """Mark the customer's message read and show that the desk types. Failures are silent."""
        ...


@runtime_checkable
class Groups(Protocol):
    """A channel whose vendor groups accounts, by which a desk may be found as well."""

    def service(self, webhook: Webhook) -> str | None:
        """The group named in the unverified body, only to choose the secret."""
        ...


@runtime_checkable
class LooksUp(Protocol):
    """A channel whose vendor can be asked what became of a send."""

    async def lookup(
        self, http: "httpx.AsyncClient", account: Account, dispatch: Dispatch, since: datetime
    ) -> Sent | None:
        """The message as the vendor has it, or None where it never arrived there."""
        ...
