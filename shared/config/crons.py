"""Times of day as cron writes them, at the desk's own clock, right over the changes of summer time."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, StringConstraints

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_NAMES = {
    "month": ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    "weekday": ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
}
_PART = re.compile(r"(?P<from>\*|\w+)(-(?P<to>\w+))?(/(?P<step>\d+))?")
FARTHEST = timedelta(days=366 * 8)
"""A time that comes in no eight years, the 30th of February, never comes."""


@dataclass(frozen=True, slots=True)
class _Times:
    """The values each field allows, and whether day and weekday are both named: then either may hold."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    def on(self, day: datetime) -> bool:
        """Whether anything is due on that day."""
        if day.month not in self.months:
            return False
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (of_month or of_week) if self.either else (of_month and of_week)


def check_cron(text: str) -> str:
    """The times, unchanged. Raises ValueError saying what is wrong and what to write."""
    if next_time(text, datetime(2026, 1, 1, tzinfo=UTC), "UTC") is None:
        raise ValueError(f"{text!r} never comes; write a day that there is")
    return text


Cron = Annotated[str, StringConstraints(min_length=9, max_length=100), AfterValidator(check_cron)]


def next_time(cron: str, after: datetime, zone: str) -> datetime | None:
    """The first instant later than `after` at which it is due by the clock of the zone; UTC.

    An hour that summer time leaves out is due when it would have been; one that comes twice is due once.
    """
    times, tz = _read(cron), ZoneInfo(zone)
    local = after.astimezone(tz).replace(tzinfo=None)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    while day - local < FARTHEST:
        if times.on(day):
            for hour in sorted(times.hours):
                for minute in sorted(times.minutes):
                    due = day.replace(hour=hour, minute=minute, tzinfo=tz).astimezone(UTC)
                    if due > after:
                        return due
        day += timedelta(days=1)
    return None


@lru_cache(maxsize=256)
def _read(cron: str) -> _Times:
    fields = cron.lower().split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f'{cron!r} has {len(fields)} fields; write five, e.g. "0 9 * * mon-fri"')
    minutes, hours, days, months, weekdays = (
        _values(text, *field) for text, field in zip(fields, _FIELDS, strict=True)
    )
    either = fields[2] != "*" and fields[4] != "*"
    return _Times(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either)


def _values(text: str, name: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is no {name}; write a number, a range 1-5, or */5")
        step = int(match["step"] or 1)
        first = low if match["from"] == "*" else _number(match["from"], name, low, high)
        last = _number(match["to"], name, low, high) if match["to"] else first
        if match["from"] == "*" or (match["step"] and not match["to"]):
            last = high
        if step == 0 or first > last:
            raise ValueError(f"{part!r} is an empty range of {name}s; write the lower one first")
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _number(text: str, name: str, low: int, high: int) -> int:
    names = _NAMES.get(name, [])
    if text[:3] in names:
        return names.index(text[:3]) + low
    if text.isdigit() and low <= int(text) <= high:
        return int(text)
    raise ValueError(f"{text!r} is no {name}; write {low} to {high}")
