"""Opening hours as a desk's file writes them, read into the hours the domain reckons with."""

from datetime import date
from itertools import pairwise
from typing import Any

from pydantic import Field, ValidationInfo, field_validator, model_validator

from shared.config.block import Block, Zone
from shared.config.hours_prose import read_hours, read_spans
from shared.domain.hours import DAYS, OpeningHours, Span

Spans = tuple[str, ...]


class Hours(Block):
    """The week, a list of ranges per day (a gap between two is a break), and the days that differ.

    Short forms are read too: `monday-friday: 09:00-17:00`, `weekdays`, `weekends`, `daily`, `closed`,
    several ranges with commas, or a line of text such as `Mon-Sat 9am-6pm`.
    """

    monday: Spans = Field(
        (), description='Ranges of Monday, e.g. ["09:00-13:00", "14:00-18:00"]; [] = closed.'
    )
    tuesday: Spans = Field((), description="Ranges of Tuesday.")
    wednesday: Spans = Field((), description="Ranges of Wednesday.")
    thursday: Spans = Field((), description="Ranges of Thursday.")
    friday: Spans = Field((), description="Ranges of Friday.")
    saturday: Spans = Field((), description="Ranges of Saturday.")
    sunday: Spans = Field((), description="Ranges of Sunday.")
    holidays: dict[str, Spans] = Field(
        {}, description='Days that differ, by date: "2027-01-26": closed, or their own ranges.'
    )
    timezone: Zone | None = Field(
        None, description="Where these hours are told; the desk's zone if left out."
    )

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, written: Any) -> Any:
        return read_hours(written)[0] if isinstance(written, str | dict) else written

    @field_validator(*DAYS, mode="before")
    @classmethod
    def _ranges(cls, written: Any) -> Any:
        if isinstance(written, int | float | dict):
            raise ValueError(f"{written!r} is not a range of times; write 09:00-17:30, or closed")  # noqa: TRY004 - pydantic reports ValueErrors
        return read_spans(written)

    @field_validator(*DAYS)
    @classmethod
    def _a_day(cls, ranges: Spans, info: ValidationInfo) -> Spans:
        return _tidy(ranges, str(info.field_name))

    @field_validator("holidays", mode="before")
    @classmethod
    def _closed_days(cls, days: Any) -> Any:
        return {key: read_spans(value) for key, value in days.items()} if isinstance(days, dict) else days

    @field_validator("holidays")
    @classmethod
    def _dates(cls, days: dict[str, Spans]) -> dict[str, Spans]:
        for key in days:
            try:
                date.fromisoformat(key)
            except ValueError:
                raise ValueError(f'{key!r} is no date; write "2027-01-26"') from None
        return {key: _tidy(ranges, key) for key, ranges in days.items()}

    def opening(self, timezone: str) -> OpeningHours:
        """These hours for the domain; `timezone` is the desk's and holds where none is written here."""
        return OpeningHours(
            timezone=self.timezone or timezone,
            week=tuple(tuple(map(Span.read, getattr(self, day))) for day in DAYS),
            special={
                date.fromisoformat(key): tuple(map(Span.read, ranges))
                for key, ranges in self.holidays.items()
            },
        )


def _tidy(ranges: Spans, day: str) -> Spans:
    spans = sorted(Span.read(text) for text in ranges)
    for earlier, later in pairwise(spans):
        if later.start < earlier.end:
            raise ValueError(f"{earlier} and {later} of {day} overlap; write ranges that follow each other")
    return tuple(map(str, spans))
