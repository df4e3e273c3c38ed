"""Bookable times: which slots a day has, how they are named to people and to a model, what a booking is."""

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

import msgspec

from shared.domain.hours import OpeningHours
from shared.domain.identity import digest
from shared.domain.instants import instant

Period = Literal["morning", "afternoon", "evening"]
PERIODS: dict[Period, range] = {
    "morning": range(12),
    "afternoon": range(12, 17),
    "evening": range(17, 24),
}
"""The local hours in which a slot of that part of the day begins."""

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that look alike; 32 of them
_DAYS = {"en": "Mon Tue Wed Thu Fri Sat Sun", "hi": "सोम मंगल बुध गुरु शुक्र शनि रवि"}
_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "hi": "जन फ़र मार्च अप्रैल मई जून जुल अग सित अक्तू नव दिस",
}


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A time that can be booked, in aware UTC instants."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One of the places that can be had at a time, e.g. a table or a chair, and the booking that has it."""

    start: datetime
    end: datetime
    number: int
    booking: str

    def meets(self, slot: Slot) -> bool:
        """Whether it is taken for some of the slot."""
        return self.start < slot.end and slot.start < self.end


class Offer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A slot offered to one conversation under a short name; nothing else can be booked there."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    slot: str  # the short name
    calendar: str
    start: str  # a stamp
    end: str
    timezone: str
    capacity: int
    title: str
    every: int = 0  # minutes between the beginnings of slots that overlap; 0 = none overlaps
    service: str = ""
    booking: str = ""  # the booking it became

    @property
    def local(self) -> datetime:
        """When it begins, on the calendar's own clock."""
        return instant(self.start).astimezone(ZoneInfo(self.timezone))

    def label(self, language: str) -> str:
        """When it begins, for people; see `label`."""
        return label(self.local, language)


class Booking(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place in a slot that somebody has."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    ref: str  # what people say on the phone
    call: str  # the effect that made it
    desk: str
    calendar: str
    start: str
    end: str
    timezone: str
    place: int  # which of the slot's places
    every: int = 0  # as its offer had it
    title: str
    service: str = ""
    customer: str
    conversation: str
    name: str = ""
    phone: str = ""
    email: str = ""
    party_size: int = 1
    notes: str = ""
    state: Literal["booked", "cancelled"] = "booked"
    label: str = ""  # the time as the customer was told
    created_at: str = ""
    changed: str = ""  # the effect that moved or cancelled it last
    changed_at: str = ""

    @property
    def slot(self) -> Slot:
        """When it is."""
        return Slot(instant(self.start), instant(self.end))


def slots(hours: OpeningHours, days: Sequence[date], minutes: int, every: int = 0) -> Iterator[Slot]:
    """The slots of `minutes` that begin on the local `days`, in order: one every so many minutes from each
    opening, or back to back.
    """
    length, step = timedelta(minutes=minutes), timedelta(minutes=every or minutes)
    for day in days:
        for opens, closes in hours.ranges(day):
            start = opens
            while start + length <= closes:
                yield Slot(start, start + length)
                start += step


def busy(slot: Slot, taken: Iterable[Place]) -> set[int]:
    """The numbers of the places that are taken for some of the slot."""
    return {place.number for place in taken if place.meets(slot)}


def free(candidates: Iterable[Slot], taken: Collection[Place], capacity: int) -> list[Slot]:
    """The slots for which a place is free from beginning to end."""
    ordered = sorted(taken)
    longest = max((place.end - place.start for place in ordered), default=timedelta())
    starts = [place.start for place in ordered]

    def near(slot: Slot) -> list[Place]:
        return ordered[bisect_left(starts, slot.start - longest) : bisect_left(starts, slot.end)]

    return [slot for slot in candidates if len(busy(slot, near(slot))) < capacity]


def spread(found: Sequence[Slot], zone: tzinfo, most: int, per_day: int) -> list[Slot]:
    """At most `most` of the slots, earliest days first, at most `per_day` of each evenly across it."""
    by_day: dict[date, list[Slot]] = {}
    for slot in found:
        by_day.setdefault(slot.start.astimezone(zone).date(), []).append(slot)
    picked: list[Slot] = []
    for today in by_day.values():
        count = min(per_day, len(today), most - len(picked))
        picked += [today[at * len(today) // count] for at in range(count)]
    return picked


def label(at: datetime, language: str) -> str:
    """`Mon 23 Nov, 10:30` for a local datetime, in Hindi for `hi`, else in English."""
    tongue = "hi" if language.split("-", maxsplit=1)[0] == "hi" and "Latn" not in language else "en"
    day, month = _DAYS[tongue].split()[at.weekday()], _MONTHS[tongue].split()[at.month - 1]
    return f"{day} {at.day} {month}, {at:%H:%M}"


def short_name(*parts: str, letters: int) -> str:
    """The same few capital letters and digits for the same parts; nobody mistakes one for another."""
    number = int(digest(*parts), 16)
    return "".join(_LETTERS[number >> 5 * at & 31] for at in range(letters))


def place_name(start: datetime, place: int) -> str:
    """The document name of one place from an instant on; text order is time order."""
    return f"{start:%Y%m%dT%H%M}Z-{place}"


def steps(slot: Slot, every: int) -> list[datetime]:
    """The beginnings of slots within this one, its own among them; none where slots do not overlap.

    Two slots of one place clash where they share one of these.
    """
    if not every:
        return []
    count = math.ceil((slot.end - slot.start) / timedelta(minutes=every))
    return [slot.start + timedelta(minutes=every * number) for number in range(count)]


def which_day(text: str, today: date) -> date | None:
    """The day of `2026-11-23`, `today`, `tomorrow` or a weekday (the next one, today included), or None."""
    word = text.strip().lower()
    if word in ("today", "tomorrow"):
        return today + timedelta(days=word == "tomorrow")
    english = _DAYS["en"].lower().split()
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    if word in full or word in english:
        weekday = full.index(word) if word in full else english.index(word)
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None
