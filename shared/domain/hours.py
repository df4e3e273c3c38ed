"""When a business is open: so that slots, promises and handovers follow its own clock and holidays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HORIZON = 400  # days looked ahead: a desk that stays closed longer has no next opening


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from `start` to `end`, in minutes after the day's midnight.

    `end` above 1440 runs past midnight into the next day. Raises ValueError where the span is empty,
    starts outside the day or lasts longer than 24 hours.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < 1440 or not self.start < self.end <= self.start + 1440:
            raise ValueError(f"{self} is not a span of a day: it starts 00:00-23:59 and ends within 24 hours")

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"

    @classmethod
    def read(cls, text: str) -> "Span":
        """The span in `09:00-17:30`; an end at or before the start is on the next day.

        Raises ValueError saying what was found and the form to write.
        """
        start, dash, end = text.replace("–", "-").partition("-")
        opens, closes = _minutes(start.strip()), _minutes(end.strip())
        if not dash or opens is None or closes is None or opens in (closes, 1440):
            raise ValueError(f"{text!r} is not a range of times; write 09:00-17:30")
        return cls(opens, closes if closes > opens else closes + 1440)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """A week of spans, Monday first, and the days that differ, in one time zone.

    A day of `special` replaces the week's: without spans it is closed. A desk with no week at all is
    always open.
    """

    timezone: str
    week: tuple[tuple[Span, ...], ...] | None = None
    special: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The desk's time zone."""
        return ZoneInfo(self.timezone)

    def spans(self, day: date) -> tuple[Span, ...]:
        """The spans that start on `day`, in order."""
        if day in self.special:
            return self.special[day]
        return (Span(0, 1440),) if self.week is None else self.week[day.weekday()]

    def ranges(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The open ranges that start on a local `day`, as aware UTC instants, in order.

        Where clocks change, a range keeps its wall-clock ends, so it may be an hour shorter or longer.
        """
        return tuple((self._at(day, span.start), self._at(day, span.end)) for span in self.spans(day))

    def is_open(self, at: datetime) -> bool:
        """Whether the aware instant `at` lies in an open range (its end excluded)."""
        return any(start <= at < end for start, end in self._around(at, days=1))

    def next_opening(self, at: datetime) -> datetime | None:
        """The instant from which it is open: `at` itself where it is; None if it stays closed for a year."""
        for start, end in self._around(at, days=_HORIZON):
            if end > at:
                return max(start, at.astimezone(UTC))
        return None

    def closing(self, at: datetime) -> datetime | None:
        """When the range open at `at` ends, adjoining ranges run together; None where it is closed."""
        found: datetime | None = None
        for start, end in self._around(at, days=8):
            if start <= (found or at) and end > (found or at):
                found = end
        return found

    def after_open_time(self, at: datetime, amount: timedelta) -> datetime | None:
        """The instant when `amount` of open time has passed since `at`: a promise on the desk's clock.

        None where it does not open often enough within a year.
        """
        left, since = amount, at.astimezone(UTC)
        for start, end in self._around(at, days=_HORIZON):
            begin = max(start, since)
            if end <= begin:
                continue
            if end - begin >= left:
                return begin + left
            left -= end - begin
            since = end
        return None

    def _at(self, day: date, minutes: int) -> datetime:
        local = datetime.combine(day, time()) + timedelta(minutes=minutes)
        return local.replace(tzinfo=self.zone).astimezone(UTC)

    def _around(self, at: datetime, *, days: int) -> "list[tuple[datetime, datetime]]":
        first = at.astimezone(self.zone).date() - timedelta(days=1)
        return [
            found
            for ahead in range(days + 2)
            if first + timedelta(days=ahead) < date.max
            for found in self.ranges(first + timedelta(days=ahead))
        ]


def _clock(minutes: int) -> str:
    if minutes == 1440:
        return "24:00"
    hour, minute = divmod(minutes % 1440, 60)
    return f"{hour:02d}:{minute:02d}"


def _minutes(text: str) -> int | None:
    hour, colon, minute = text.partition(":")
    if not colon or not (hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit()):
        return None
    if len(minute) != 2 or len(hour) > 2 or int(minute) > 59 or int(hour) * 60 + int(minute) > 1440:
        return None
    return int(hour) * 60 + int(minute)
