"""What a tool or step wants done above its floor. It returns these; the turn or runner commits them."""

from typing import Literal

import msgspec

from shared.domain.content import Outgoing

Priority = Literal["urgent", "high", "medium", "low"]


class Send(msgspec.Struct, frozen=True, kw_only=True, tag_field="effect", tag="send"):
    """Say this to the customer of the conversation, after the answer's own words."""

    message: Outgoing
    give_up: str = ""  # a stamp: not after then, where it has to wait


class HandOver(msgspec.Struct, frozen=True, kw_only=True, tag_field="effect", tag="hand_over"):
    """A person takes the conversation; ends the turn."""

    reason: str
    type: str = "human_agent"
    priority: Priority = "medium"
    summary: str = ""
    reply: str = ""  # what the customer is told
    skills: tuple[str, ...] = ()  # one of which whoever comes must have; empty = as the desk's file says
    instead: str = ""  # the action that comes first where nobody takes it


class SetTimer(msgspec.Struct, frozen=True, kw_only=True, tag_field="effect", tag="set_timer"):
    """Call a handler at an instant; the name carries due time and generation."""

    name: str
    due: str  # a stamp
    handler: str
    payload: dict[str, object]


class Publish(msgspec.Struct, frozen=True, kw_only=True, tag_field="effect", tag="publish"):
    """Tell a fact on a topic."""

    topic: str
    event: dict[str, object]


class StartRun(msgspec.Struct, frozen=True, kw_only=True, tag_field="effect", tag="start_run"):
    """Begin a workflow of the desk, once under its id; `parent` sleeps until it is over."""

    workflow: str
    run: str  # its id
    input: dict[str, object] = {}
    parent: str = ""
    node: str = ""  # the step of the parent that sleeps


Effect = Send | HandOver | SetTimer | Publish | StartRun
