"""Facts that happened, one frozen record each; a fact's topic is its name in kebab case."""

import re
from functools import cache
from typing import ClassVar, Literal, Self

import msgspec

from shared.domain.call_rooms import Kind
from shared.domain.content import ChannelName, Content
from shared.domain.errors import Malformed


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Any fact. `event_id` is the same for every telling of the same fact, so it can be told twice."""

    event_id: str
    VERSION: ClassVar[int] = 1

    @classmethod
    @cache
    def topic(cls) -> str:
        """`message-received` for MessageReceived."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def encode(self) -> bytes:
        """The fact as JSON bytes, as the bus carries it."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """The fact in the bytes. Raises Malformed naming the field that is wrong."""
        try:
            return msgspec.json.decode(raw, type=cls)
        except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
            raise Malformed(f"not a {cls.__name__}: {error}") from error


class Sender(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who wrote, as the channel proves it. Only `id` is always there; a phone number need not be."""

    id: str  # the customer's id on this channel: BSUID or wa_id, IGSID, number, session digest
    name: str | None = None
    phone: str | None = None  # E.164 with +, only where the channel itself gives it
    handle: str | None = None  # a user name shown on the channel
    external_id: str | None = None  # the business's own id for them, where its site signed it
    former_id: str | None = None  # an id the channel used before for the same person (wa_id beside a BSUID)


class MessageReceived(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A customer wrote."""

    channel: ChannelName
    account: str  # the business's own id there: phone_number_id, IG id, E.164 number, desk id
    service: str | None = None  # a group of accounts it came by: Twilio's messaging service
    sender: Sender
    message_id: str  # the vendor's id
    at: str  # the vendor's instant, a stamp
    content: Content
    language: str | None = None  # what the channel says of the customer's language, e.g. a browser's


class EchoReceived(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The business's side wrote, from our sends or from a person's own phone."""

    channel: ChannelName
    account: str
    customer: str  # the customer's id on the channel
    message_id: str
    at: str
    content: Content
    app_id: str | None = None  # the app that sent it, where the channel says
    key: str | None = None  # our outbox key, where the channel carries it back
    change: Literal["edited", "withdrawn"] | None = None


class MessageChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A customer edited or withdrew what they wrote."""

    channel: ChannelName
    account: str
    sender: Sender
    message_id: str  # of the message that changed
    change: Literal["edited", "withdrawn"]
    at: str
    content: Content | None = None  # the new words, for an edit


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a vendor would not deliver, in its own code and our policy for it."""

    code: str
    title: str = ""
    action: Literal["retry", "slow_down", "template", "stop", "page", "fix_config", "disable"] = "stop"
    retry_after: float | None = None  # seconds
    opted_out: bool = False  # the customer told the vendor to stop


DeliveryStatus = Literal["sent", "delivered", "read", "failed"]


class DeliveryReported(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A vendor said how far one of our messages came. Order is not promised, repeats are."""

    channel: ChannelName
    account: str
    service: str | None = None  # as of a message
    customer: str | None = None
    message_id: str | None = None  # absent where only "read up to" is known; see `at`
    status: DeliveryStatus
    at: str
    key: str | None = None  # our outbox key, where the channel carries it back
    failure: Failure | None = None


class InRoom(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody in a room of calls, as LiveKit tells it; of a telephone it has what the network says."""

    identity: str
    kind: Kind = "standard"
    attributes: dict[str, str] = {}  # of the telephone network alone: sip.phoneNumber, sip.callStatus, …
    reason: str = ""  # why they left, in LiveKit's word, e.g. CLIENT_INITIATED, USER_REJECTED


class CallReported(Event, frozen=True, kw_only=True, omit_defaults=True):
    """LiveKit told something of a room of calls. Order is kept within a room; what is lost, sweeps find."""

    what: Literal["room_started", "room_finished", "joined", "left"]
    room: str
    metadata: str = ""  # the room's, which nobody writes but us
    participant: InRoom | None = None  # who joined or left
    at: str  # a stamp


class MediaWaiting(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A message came with files that are still at the vendor."""

    tenant: str
    conversation: str
    seq: int


class TurnStarted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The desk began to think about an answer; channels that can show it do."""

    tenant: str
    conversation: str
    seq: int  # the newest message that waits


class ReplyReady(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Messages of ours stand in the conversation, waiting to be sent one after the other."""

    tenant: str
    conversation: str
    seqs: tuple[int, ...]


class RunDue(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A run has something to do: begun, gone on, or woken by what the other fields say."""

    tenant: str
    run: str
    node: str = ""  # with `nth`: the wait whose time has come
    nth: int = 0
    seq: int = 0  # the customer's message it may have waited for
    conversation: str = ""  # of a message: where it stands, if not in the run's own; `node` waits for it
    alone: bool = False  # of a message: the desk answers it only where the run does not take it
    child: str = ""  # the run that is over
    asked: Literal["", "cancel", "stop"] = ""  # by the run that waited for it, and does no more


class RunWanted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A workflow is to be begun, once under the event's id: by words, a fact, the clock, or an agent."""

    tenant: str
    desk: str
    workflow: str
    input: dict[str, object] = {}
    conversation: str = ""
    customer: str = ""
    by: str = ""  # what asked for it, in words for people


REPORTED = "customer.event"
"""What the business's own systems report of a customer; `event` in its data names it."""


class Happened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Anything worth observing that no other fact says; `what` is a dotted name."""

    tenant: str
    what: str
    at: str
    conversation: str | None = None
    data: dict[str, object] = {}
