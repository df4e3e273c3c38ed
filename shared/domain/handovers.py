"""One handover: from the moment a person is asked for until they resolve it or give it back."""

from typing import ClassVar, Literal

import msgspec

from shared.domain.content import ChannelName
from shared.domain.effects import Priority

HandoverState = Literal["asked", "waiting", "offered", "active", "handed_back", "resolved", "unanswered"]
OPEN: tuple[HandoverState, ...] = ("asked", "waiting", "offered", "active")
"""States of a handover that is not over."""


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """One handover. Its document is `handovers/{id}`, changed in the commit that changes the head."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    desk: str
    conversation: str
    customer: str
    channel: ChannelName
    state: HandoverState = "asked"
    type: str = "human_agent"  # a kind of `behavior.escalation.handoff`
    reason: str = ""  # why, for people
    priority: Priority = "medium"
    summary: str = ""  # what whoever takes it should know
    departments: tuple[str, ...] = ()  # skills, one of which a person must have; empty = anybody
    specialization: tuple[str, ...] = ()  # skills that come first
    asked_at: str  # a stamp, as all below
    asked_seq: int = 0  # the customer's message that led to it
    offered_to: str = ""  # a colleague's id
    offered_until: str = ""
    passed: tuple[str, ...] = ()  # colleagues it was offered to or taken from in vain
    assignee: str = ""
    accepted_at: str = ""
    first_answer_at: str = ""
    answer_due: str = ""  # by the desk's SLA and hours; empty = no promise
    resolve_due: str = ""
    breached: tuple[Literal["answer", "resolution"], ...] = ()
    instead: str = ""  # the action that its trigger names for when nobody takes it
    fallback: str = ""  # what was done because nobody took it
    ended_at: str = ""
    ended_by: str = ""  # a colleague's id; empty for a timer
    note: str = ""  # the summary the desk must read when it has the word again
    promises: tuple[str, ...] = ()  # what the person promised the customer
    lesson: str = ""  # what the desk should have known, in the words of whoever resolved it


def handover_path(handover: str) -> str:
    """Where a handover stands within its tenant."""
    return f"handovers/{handover}"


def is_open(handover: Handover) -> bool:
    """Whether somebody still has to do something about it."""
    return handover.state in OPEN
