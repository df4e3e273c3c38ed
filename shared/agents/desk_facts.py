"""What every agent of a desk knows without looking: hours, address, how to reach it, and its own facts."""

from datetime import datetime, timedelta
from itertools import groupby

from shared.config.schema import DeskConfig
from shared.domain.hours import OpeningHours


def facts_of(config: DeskConfig, now: datetime) -> dict[str, str]:
    """Short facts by name, in words; `now` is local time at the desk, for today's hours."""
    desk = config.desk
    facts: dict[str, str] = {}
    if desk.hours:
        opening = desk.opening
        facts["Opening hours"] = week(opening, now)
        facts["Right now"] = _right_now(opening, now)
    reached = (
        ("Address", desk.address),
        ("Phone", desk.phone),
        ("E-mail", desk.email),
        ("Website", desk.website),
    )
    return facts | {name: str(value) for name, value in reached if value} | dict(desk.facts)


def week(opening: OpeningHours, now: datetime) -> str:
    """`Mon-Fri 09:00-17:00; Sat 10:00-14:00; Sun closed`, as the week of `now` has it."""
    monday = (now - timedelta(days=now.weekday())).date()
    days = [monday + timedelta(days=number) for number in range(7)]
    said = [(f"{day:%a}", ", ".join(str(span) for span in opening.spans(day)) or "closed") for day in days]
    parts = []
    for hours, same in groupby(said, key=lambda one: one[1]):
        names = [name for name, _ in same]
        parts.append(f"{names[0] if len(names) == 1 else f'{names[0]}-{names[-1]}'} {hours}")
    return "; ".join(parts)


def _right_now(opening: OpeningHours, now: datetime) -> str:
    if opening.is_open(now):
        closing = opening.closing(now)
        return f"open until {closing.astimezone(now.tzinfo):%H:%M}" if closing else "open"
    following = opening.next_opening(now)
    return f"closed; opens {following.astimezone(now.tzinfo):%A %H:%M}" if following else "closed"
