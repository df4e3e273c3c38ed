"""The people who answer where the desk should not: what they can, how much, and whether they are there."""

from datetime import datetime, timedelta
from typing import ClassVar, Literal

import msgspec

from shared.domain.instants import instant

Role = Literal["owner", "supervisor", "human_agent"]
RANKS: tuple[Role, ...] = ("human_agent", "supervisor", "owner")
"""From the one who may least to the one who may most; each may what those before it may."""

Presence = Literal["online", "away", "offline"]

GONE_AFTER = timedelta(seconds=90)
"""Without a sign of life for so long, somebody who says they are online is not."""


class Colleague(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person as one tenant knows them. The document is `colleagues/{id}`; who signs in is elsewhere.

    `holding` is changed in the same commit as the conversations it names, so capacity is never passed
    by two assignments at once.
    """

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str  # the person's id on the platform
    name: str
    email: str = ""
    role: Role = "human_agent"
    skills: tuple[str, ...] = ()  # departments, specialities and languages, in the words of the desks' files
    capacity: int = 5  # conversations at a time
    presence: Presence = "offline"  # as they say it
    seen_at: str = ""  # a stamp; their console's last sign of life
    online_since: str = ""  # a stamp; since when they are there without a break, the generation of its timer
    holding: tuple[str, ...] = ()  # conversations they have or are offered
    given_at: str = ""  # when they were last given one; of equals the one who waits longest comes first
    removed: bool = False


def is_there(colleague: Colleague, now: datetime) -> bool:
    """Whether they can be given a conversation now, capacity aside."""
    if colleague.removed or colleague.presence != "online" or not colleague.seen_at:
        return False
    return now - instant(colleague.seen_at) < GONE_AFTER


def has_room(colleague: Colleague) -> bool:
    """Whether they may be given one more."""
    return len(colleague.holding) < colleague.capacity


class Actor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who does something to a conversation: a signed-in person, the desk itself, or a timer of it."""

    id: str = ""  # empty for the desk and its timers
    name: str = ""
    role: Role = "human_agent"


DESK = Actor(name="the desk")
"""What happens by the desk's own rules and timers."""


def at_least(role: Role, needed: Role) -> bool:
    """Whether a role may what another one may."""
    return RANKS.index(role) >= RANKS.index(needed)
