"""Days and times as people say them: "tomorrow at 5", "21 Nov", "कल सुबह 11 बजे"."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from shared.models.offline.hearing import Heard, hear
from shared.models.offline.vocabulary import vocabulary

_ISO = re.compile(r"\b(20\d\d)-(\d{1,2})-(\d{1,2})\b")
_SLASHED = re.compile(r"\b(\d{1,2})[/.](\d{1,2})(?:[/.](20\d\d|\d\d))?\b(?!\s*(?:am|pm))", re.IGNORECASE)
_CLOCK = re.compile(
    r"\b(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm|a\.m|p\.m|a m|p m)\b|\b(\d{1,2}):(\d{2})\b", re.IGNORECASE
)
_AT = re.compile(
    r"\b(?:at|by|around|after|from|make it|@)\s*(\d{1,2})(?:[:.](\d{2}))?\b"
    r"(?!\s*(?:/|people|persons|guests|log))",
    re.IGNORECASE,
)
_IN_DAYS = re.compile(
    r"\b(?:in|after) (\d+|one|two|three|four|five|six|seven) (day|week)s?\b|\b(\d+) din baad\b"
)
_HALF = re.compile(r"\bhalf past (\w+)\b|\b(?:sadhe|साढ़े|साढे) (\w+)\b")
_DAY = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)?$")


@dataclass(frozen=True, slots=True)
class When:
    """What a message says of time. `times` holds two readings where "at 8" leaves morning or evening open."""

    day: date | None = None
    times: tuple[str, ...] = ()  # HH:MM
    period: str | None = None  # morning, afternoon, evening

    def __bool__(self) -> bool:
        return bool(self.day or self.times or self.period)


def when(heard: Heard, now: datetime) -> When:
    """The day, time and part of the day a message names; empty where it names none."""
    return _when(heard.text, now.date())


@lru_cache(maxsize=4096)
def _when(text: str, today: date) -> When:
    heard = hear(text)
    period = _period(heard)
    return When(day=_day(heard, today), times=_times(heard, period), period=period)


def part_of_day(time: str) -> str:
    """Morning, afternoon or evening of an HH:MM."""
    return "morning" if time < "12:00" else "afternoon" if time < "17:00" else "evening"


def merged(before: When, new: When) -> When:
    """An earlier wish with a later one laid over it: a new day keeps the hour, a new hour the day."""
    if len(new.times) > 1 and (part := before.period or (before.times and part_of_day(before.times[0]))):
        fitting = tuple(time for time in new.times if part_of_day(time) == part)
        new = replace(new, times=fitting or new.times)
    if new.times or new.period:
        return replace(new, day=new.day or before.day)
    return replace(before, day=new.day)


def _period(heard: Heard) -> str | None:
    periods = vocabulary().periods
    greeted = heard.does("greeting")  # "good morning" wishes, it does not choose
    said = heard.words[2:] if greeted and heard.words[:1] == ("good",) else heard.words
    return next((periods[word] for word in said if word in periods), None)


def _day(heard: Heard, today: date) -> date | None:
    return _numbered_day(heard, today) or _spoken_day(heard, today) or _named_day(heard, today)


def _numbered_day(heard: Heard, today: date) -> date | None:
    if found := _ISO.search(heard.text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _SLASHED.search(heard.text):
        year = int(found[3] or today.year)
        day = _date(year + 2000 if year < 100 else year, int(found[2]), int(found[1]))
        return _coming(day, today) if day and not found[3] else day
    return None


def _spoken_day(heard: Heard, today: date) -> date | None:
    known, spaced = vocabulary(), f" {' '.join(heard.words)} "
    for phrase, days in known.day_phrases.items():
        if f" {phrase} " in spaced:
            return today + timedelta(days=days)
    if found := _IN_DAYS.search(spaced):
        count = found[1] or found[3]
        number = int(count) if count.isdigit() else known.numbers[count]
        return today + timedelta(days=min(number, 365) * (7 if found[2] == "week" else 1))
    return next(
        (today + timedelta(days=known.days[word]) for word in heard.words if word in known.days), None
    )


def _named_day(heard: Heard, today: date) -> date | None:
    known, words = vocabulary(), heard.words
    for at, word in enumerate(words):
        if word in known.months:
            beside = [words[i] for i in (at - 1, at + 1, at - 2) if 0 <= i < len(words)]
            numbers = [int(found[1]) for near in beside if (found := _DAY.match(near))]
            if numbers and (day := _date(today.year, known.months[word], numbers[0])):
                return _coming(day, today)
        if word in known.weekdays:
            ahead = (known.weekdays[word] - today.weekday()) % 7
            return today + timedelta(days=ahead or (7 if "next" in words else 0))
    for word in words:
        if (found := _DAY.match(word)) and not word.isdigit():
            return _day_of_month(int(found[1]), today)
    return None


def _day_of_month(number: int, today: date) -> date | None:
    this = _date(today.year, today.month, number)
    if this and this >= today:
        return this
    return _date(today.year + today.month // 12, today.month % 12 + 1, number)


def _coming(day: date, today: date) -> date | None:
    return day if day >= today else _date(day.year + 1, day.month, day.day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _times(heard: Heard, period: str | None) -> tuple[str, ...]:
    text = heard.text.translate(DIGITS)
    readers = (_by_clock, _by_half, _by_oclock, _by_at)
    found = next((times for reader in readers if (times := reader(heard, text, period))), ())
    return found or (("12:00",) if "noon" in heard.words else ())


def _by_clock(_heard: Heard, text: str, period: str | None) -> tuple[str, ...]:
    found = _CLOCK.search(text)
    if found is None:
        return ()
    if found[4]:
        sure = int(found[4]) > 12 or found[4][0] == "0"
        return _readings(int(found[4]), int(found[5]), period, sure=sure)
    hour = int(found[1]) % 12 + (12 if found[3][0] in "pP" else 0)
    return _readings(hour, int(found[2] or 0), None, sure=True)


def _by_half(heard: Heard, _text: str, period: str | None) -> tuple[str, ...]:
    found = _HALF.search(" ".join(heard.words))
    hour = _hour(found[1] or found[2]) if found else None
    return _readings(hour, 30, period) if hour else ()


def _by_oclock(heard: Heard, _text: str, period: str | None) -> tuple[str, ...]:
    oclock = vocabulary().oclock
    pairs = pairwise(heard.words)
    hour = next((_hour(before) for before, word in pairs if word in oclock), None)
    return _readings(hour, 0, period) if hour else ()


def _by_at(_heard: Heard, text: str, period: str | None) -> tuple[str, ...]:
    found = _AT.search(text)
    return _readings(int(found[1]), int(found[2] or 0), period) if found else ()


def _hour(word: str) -> int | None:
    if word.isdigit():
        return int(word) if 0 < int(word) <= 24 else None
    return vocabulary().numbers.get(word)


def _readings(hour: int, minute: int, period: str | None, *, sure: bool = False) -> tuple[str, ...]:
    if hour > 24 or minute > 59:
        return ()
    if sure or hour > 12:
        return (f"{hour % 24:02}:{minute:02}",)
    early, late = hour % 12, hour % 12 + 12
    if period == "morning":
        return (f"{early:02}:{minute:02}",)
    if period:
        return (f"{late:02}:{minute:02}",)
    first = (late, early) if early < 8 else (early, late)  # nobody books at four in the night
    return tuple(f"{reading:02}:{minute:02}" for reading in first)


DIGITS = {ord("०") + digit: str(digit) for digit in range(10)}
