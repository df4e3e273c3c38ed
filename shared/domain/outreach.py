"""What the desk says of its own accord: to whom, why, when, by which way, and why by that one."""

from datetime import datetime
from typing import ClassVar, Literal

import msgspec

from shared.domain.content import ChannelName, Choice, Template
from shared.domain.identity import digest
from shared.domain.instants import stamp

OutreachState = Literal[
    "waiting",  # for its time, or for the time when they may be reached
    "sent",  # it stands in their conversation, or their call is planned; what became of it is told there
    "refused",  # no way was open, or it may not be said
    "cancelled",  # by a person, or overtaken by what the customer did
]

Kind = Literal["service", "marketing"]
"""`service`: what they asked for or need, e.g. a reminder; `marketing`: what we would like, under a cap."""

Means = Literal["text", "template", "call"]
"""How it goes: free words, a template the vendor approved, or a call."""

Overtaking = Literal["wrote", "booked"]
"""What the customer may do meanwhile that makes it needless."""


class Saying(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be said, in each form that a way may ask for."""

    text: str = ""  # free words, where a window is open or none is needed; the first words of a call
    choices: tuple[Choice, ...] = ()  # to tap, beside free words
    template: Template | None = None  # the approved one, with what fills it in
    template_text: str = ""  # what that one says, for people


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The question of a survey that an outreach asks."""

    question: str  # its id in the desk's file
    trigger: str
    about: str  # e.g. a booking's reference


class PassedOver(msgspec.Struct, frozen=True, kw_only=True):
    """A way that was not taken, and why not."""

    channel: ChannelName
    why: str


class FailedWay(msgspec.Struct, frozen=True, kw_only=True):
    """A way it went by and did not arrive."""

    channel: ChannelName
    conversation: str
    seq: int  # of the message that failed, there
    why: str  # in the vendor's words


class Outreach(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be said to one customer. Its document is `outreach/{id}`; `reach_out` takes it further."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    desk: str
    customer: str = ""  # where we know them
    number: str = ""  # E.164, where nobody but the number is known
    purpose: str  # in words, for people
    occasion: str  # what it is about, e.g. a booking; said once for each
    kind: Kind = "service"
    saying: Saying
    prefers: ChannelName | None = None  # the way to try first
    only: tuple[ChannelName, ...] = ()  # the ways it may take; empty = all
    agreed: str = ""  # how they agreed to be written to, where they never wrote
    overtaken_by: tuple[Overtaking, ...] = ()
    since: str  # a stamp: what the customer does after it may overtake this
    due: str  # a stamp: not before then; a timer that names another is an old one
    give_up: str  # a stamp: not after then
    state: OutreachState = "waiting"
    reason: str = ""  # why by this way, why it waits or why not at all
    passed_over: tuple[PassedOver, ...] = ()
    failed: tuple[FailedWay, ...] = ()  # each is taken once
    means: Means | None = None
    channel: ChannelName | None = None
    conversation: str = ""  # where it stands
    seq: int = 0  # the message that says it, the last of them
    pieces: int = 1  # messages that say it, cut to the channel
    call: str = ""  # the planned call that says it
    cost: float = 0.0  # USD
    estimated: bool = False  # whether a price list tells the cost, and no price of the business's own
    campaign: str = ""  # the campaign it belongs to
    asks: Asked | None = None  # the question it is
    stands: str = ""  # a booking's reference and end, a space between: it falls with that
    run: str = ""  # the run that says it
    created_at: str
    by: str = ""  # the colleague who asked for it
    ended_at: str = ""
    until: str  # when it goes


def outreach_id(tenant: str, desk: str, whom: str, purpose: str, occasion: str) -> str:
    """The one outreach of a purpose and an occasion to a customer, or a number."""
    return digest("outreach", tenant, desk, whom, purpose, occasion)


def outreach_path(outreach: str) -> str:
    """Where an outreach stands within its tenant."""
    return f"outreach/{outreach}"


def over(outreach: Outreach, state: OutreachState, now: datetime, why: str) -> Outreach:
    """An outreach as it ended, and why."""
    return msgspec.structs.replace(outreach, state=state, reason=why, ended_at=stamp(now))
