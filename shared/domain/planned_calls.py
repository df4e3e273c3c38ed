"""Calls the desk is to make: to whom, why, when, and what became of each attempt."""

from datetime import datetime
from typing import ClassVar, Literal

import msgspec

from shared.domain.calls import CallOutcome
from shared.domain.instants import stamp

PlannedState = Literal[
    "waiting",  # for its time, the hours or a free line
    "calling",  # an attempt is under way
    "done",  # they were reached, or a message was left
    "failed",  # no attempt reached them
    "refused",  # they want no calls, or the desk makes none any more
    "cancelled",
]


class PlannedCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call to be made. Its document is `planned_calls/{id}`; the timer `place_call` takes it further."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    desk: str
    number: str  # E.164
    customer: str = ""  # where we call one we know
    purpose: str  # why, for the desk and for people
    opening: str = ""  # what is said first
    errand: str = ""  # whatever asked for it, e.g. a callback's id
    state: PlannedState = "waiting"
    due: str  # a stamp: not before then; a timer that names another is an old one
    attempt: int = 0  # how many there were
    undialled: int = 0  # how many of them might not ring any more when LiveKit could dial
    called_off: str = ""  # in words, who ended an attempt; there is no other then
    call: str = ""  # the newest attempt
    outcome: CallOutcome | None = None  # of the newest attempt
    reason: str = ""  # in words, for people
    created_at: str
    by: str = ""  # the colleague who asked for it
    ended_at: str = ""
    until: str = ""  # when it goes


def ended(planned: PlannedCall, state: PlannedState, now: datetime, *, reason: str = "") -> PlannedCall:
    """A planned call as it is over."""
    return msgspec.structs.replace(planned, state=state, reason=reason or planned.reason, ended_at=stamp(now))


def planned_path(planned: str) -> str:
    """Where a planned call stands within its tenant."""
    return f"planned_calls/{planned}"
