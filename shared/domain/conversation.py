"""A conversation's documents: the head everybody competes for, and the messages nobody does."""

from typing import ClassVar, Literal

import msgspec

from shared.domain.content import ChannelName, Content, Outgoing
from shared.domain.events import Failure
from shared.domain.states import State


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The one compare-and-set document of a conversation: lease, fence, epoch, state, sequences."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    rev: int = 0
    desk: str
    channel: ChannelName
    account: str
    contact: str  # the customer's id on the channel
    customer: str  # the customer's id with us
    call: str = ""  # the call it is, on phone and room
    state: State = "new"
    last: int = 0  # sequence of the newest message, whoever wrote it
    pending: int = 0  # sequence of the newest message that wants an answer
    wrote: int = 0  # customer messages that want an answer, since the conversation was last resolved
    answered: int = 0  # the answer given covers messages up to here
    due: str = ""  # when the debounced turn is due; an earlier firing is an old generation
    first_waiting: str = ""  # since when the oldest unanswered message waits
    last_inbound_at: str = ""  # opens the channel's reply window
    lease: str = ""  # who holds the turn; empty when nobody does
    lease_until: str = ""
    fence: int = 0  # rises with every lease; a commit under an older one is refused
    epoch: int = 0  # rises when a person speaks; a reply committed under an older one is suppressed
    restarts: int = 0  # turns begun anew because more words came, since the last answer
    failures: int = 0  # turns that could not be finished, since the last answer
    back_at: str = ""  # when people last gave the word back to the desk, or none came
    changed: int = 0  # the rev at which words said before were last edited or withdrawn
    awaiting: tuple[str, ...] = ()  # runs that wait for the customer's next message
    answering: str = ""  # the run that answers the next one in the desk's place
    parked: tuple[int, ...] = ()  # replies that wait for the customer's next message
    negative_in_a_row: int = 0  # customer turns running that sounded negative
    unsure_in_a_row: int = 0  # answers running that little evidence carried
    handover: str = ""  # the handover under way
    assignee: str = ""  # the colleague who has it
    tended_at: str = ""  # when a person last took or answered it; timers of silence name it
    seen: int = 0  # the newest message a person has looked at
    unread: int = 0  # customer messages nobody has looked at
    snoozed_until: str = ""  # kept out of the inbox until then, or until the customer writes
    last_at: str = ""  # when the newest message came, whoever wrote it: the inbox's order
    asked: str = ""  # the outreach whose question the customer's next message may answer
    language: str = ""
    answered_by: str = ""  # the member of the desk's team who answered last
    created_at: str = ""
    updated_at: str = ""


MessageStatus = Literal[
    "received",  # from a customer
    "queued",
    "sending",
    "sent",
    "delivered",
    "read",
    "failed",  # to a customer, in this order
    "uncertain",  # sent to the vendor, outcome unknown
    "unconfirmed",  # still unknown after the wait; a person decides
    "suppressed",  # a person took over before it went
    "parked",  # outside the window and no template: waits for the customer or a person
]


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message of a conversation, whoever wrote it. Its document's name is its sequence."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    seq: int
    author: Literal["customer", "desk", "human"]
    status: MessageStatus
    at: str  # when we recorded it
    until: str = ""  # when it goes, by the retention of its desk; every rewriting carries it on
    content: Content = Content()
    outgoing: Outgoing | None = None  # what goes to the vendor, for messages of ours
    public_id: str = ""  # the id web chat and the API show
    born: int = 0  # the head's rev that brought it
    rev: int = 0  # the head's rev that changed it last; readers resume after the one they saw
    provider_id: str | None = None
    provider_at: str | None = None
    turn: str | None = None  # the turn that wrote it
    by: str = ""  # the colleague who wrote it, where a person did in the console
    spoken: bool = False  # a colleague said it on the line: nobody is to say it again
    outreach: str = ""  # the outreach it says
    trace: tuple[dict[str, object], ...] = ()  # the tool calls and results behind an answer, for later turns
    epoch: int = 0  # the takeover epoch it was committed under
    attempts: int = 0
    sending_since: str | None = None
    failure: Failure | None = None
    last_word: bool = False  # confirms that no more will come: the one message that still may go
    edited: bool = False
    withdrawn: bool = False  # hidden from people and models


def sequence_name(seq: int) -> str:
    """The document name of a sequence: zero-padded, so that text order is message order."""
    return f"{seq:012d}"


RANK: dict[str, int] = {
    "queued": 0,
    "sending": 1,
    "uncertain": 2,
    "unconfirmed": 3,
    "sent": 4,
    "failed": 5,
    "delivered": 6,
    "read": 7,
}
"""Statuses of a message of ours as a monotone maximum: a later report never lowers what is known."""


def further(known: MessageStatus, told: MessageStatus) -> MessageStatus:
    """The status that says more; `suppressed` and `parked` were never sent, so no report moves them."""
    return told if RANK.get(told, -1) > RANK.get(known, 99) else known
