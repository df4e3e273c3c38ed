"""The supervisor's figures: who waits for what, how long, what is at risk, and who is there to help."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from shared.domain.assignment import has_skill
from shared.domain.colleagues import Colleague, is_there
from shared.domain.handovers import OPEN, Handover
from shared.domain.instants import instant
from shared.domain.tickets import PRIORITIES
from shared.ports import Clock, Query, Where
from shared.security.staff import everyone
from shared.security.tenancy import TenantStore

MOST = 500
"""Open handovers that are looked at; with more, the figures are of so many."""

NEAR = timedelta(minutes=5)
"""From so long before a promise runs out it is at risk."""

ANYBODY = ""
"""The skill of what anybody may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """One handover that is not over."""

    handover: Handover
    waited: float  # seconds since a person was asked for, while nobody has answered; else 0
    at_risk: bool  # a promise runs out soon, or has
    late: bool  # a promise was broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The queue of one skill."""

    skill: str  # a department, ANYBODY for what asks for none
    waiting: int
    longest: float  # seconds the first of them waits
    at_risk: int
    there: int  # colleagues with the skill who are there
    room: int  # conversations these can still take


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A colleague at their place."""

    colleague: Colleague
    there: bool
    load: float  # part of their capacity in use, 0..1 and beyond


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A tenant's queues at a moment."""

    at: datetime
    waiting: tuple[Open, ...]  # nobody has these; the most urgent and oldest first
    active: tuple[Open, ...]  # somebody does; what is at risk first
    lines: tuple[Line, ...]
    posts: tuple[Post, ...]  # who is there first, by name


async def figures(store: TenantStore, clock: Clock) -> Figures:
    """The queues as they are now."""
    now = clock.now()
    asked = Query(where=(Where("state", "in", list(OPEN)),), limit=MOST)
    page = await store.query("handovers", asked)
    found = [_open(msgspec.convert(document.data, Handover), now) for document in page.documents]
    waiting = sorted((one for one in found if one.handover.state != "active"), key=_urgency)
    active = sorted((one for one in found if one.handover.state == "active"), key=_risk)
    colleagues = await everyone(store)
    posts = sorted(
        (_post(one, now) for one in colleagues), key=lambda one: (not one.there, one.colleague.name.lower())
    )
    return Figures(
        at=now,
        waiting=tuple(waiting),
        active=tuple(active),
        lines=tuple(_lines(waiting, posts)),
        posts=tuple(posts),
    )


def _open(handover: Handover, now: datetime) -> Open:
    dues = [handover.resolve_due] if handover.first_answer_at else [handover.answer_due, handover.resolve_due]
    nearest = min((due for due in dues if due), default="")
    waited = 0.0 if handover.first_answer_at else (now - instant(handover.asked_at)).total_seconds()
    return Open(
        handover=handover,
        waited=waited,
        at_risk=bool(nearest) and now >= instant(nearest) - NEAR,
        late=bool(handover.breached),
    )


def _urgency(one: Open) -> tuple[int, str]:
    return -PRIORITIES.index(one.handover.priority), one.handover.asked_at


def _risk(one: Open) -> tuple[bool, bool, str]:
    return not one.late, not one.at_risk, one.handover.asked_at


def _post(colleague: Colleague, now: datetime) -> Post:
    return Post(
        colleague=colleague,
        there=is_there(colleague, now),
        load=len(colleague.holding) / colleague.capacity,
    )


def _lines(waiting: Iterable[Open], posts: Iterable[Post]) -> list[Line]:
    """A line for each skill that is waited for, the longest wait first."""
    skills: dict[str, list[Open]] = {}
    for one in waiting:
        for skill in one.handover.departments or (ANYBODY,):
            skills.setdefault(skill, []).append(one)
    there = [post.colleague for post in posts if post.there]
    lines = [_line(skill, found, there) for skill, found in skills.items()]
    return sorted(lines, key=lambda line: -line.longest)


def _line(skill: str, found: list[Open], there: list[Colleague]) -> Line:
    able = [one for one in there if skill == ANYBODY or has_skill(one, skill)]
    return Line(
        skill=skill,
        waiting=len(found),
        longest=max(one.waited for one in found),
        at_risk=sum(one.at_risk for one in found),
        there=len(able),
        room=sum(max(0, one.capacity - len(one.holding)) for one in able),
    )
