"""The domain's clock of a business: open ranges, holidays, midnight, promises in open time."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.domain.hours import OpeningHours, Span

NINE_TO_FIVE = (Span.read("09:00-17:00"),)
WEEK = (*(NINE_TO_FIVE,) * 5, (Span.read("10:00-12:00"), Span.read("13:00-15:00")), ())
HOURS = OpeningHours("Asia/Kolkata", WEEK, {date(2027, 1, 26): (), date(2027, 1, 31): NINE_TO_FIVE})
FRIDAY = date(2026, 11, 20)


def at(text):
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("09:00-17:30", 540, 1050),
        ("9:05–10:00", 545, 600),  # one digit, and the longer dash
        ("18:00-00:30", 1080, 1470),  # past midnight
        ("00:00-24:00", 0, 1440),
    ],
)
def test_spans_are_read(text, start, end):
    """A span's end at or before its start is on the next day."""
    assert Span(start, end) == Span.read(text)


@pytest.mark.parametrize(
    "text", ["", "9-17", "09:00", "09:00-25:00", "24:00-02:00", "09:00-09:00", "9:5-10:00", "१०:००-१२:००"]
)
def test_no_span_is_guessed(text):
    """What is no range of times is refused with the form to write."""
    with pytest.raises(ValueError, match="write 09:00-17:30"):
        Span.read(text)


def test_a_day_has_its_ranges_in_its_own_zone():
    """Ranges are instants: nine in India is half past three in the night, UTC."""
    ranges = HOURS.ranges(FRIDAY)

    assert ((at("2026-11-20T03:30Z"), at("2026-11-20T11:30Z")),) == ranges


def test_a_break_is_the_gap_between_two_ranges():
    """Between the ranges of a day it is closed, and opens again after."""
    noon = at("2026-11-21T12:30+05:30")

    assert not HOURS.is_open(noon)
    assert at("2026-11-21T13:00+05:30") == HOURS.next_opening(noon)


def test_the_end_is_closed():
    """At the very minute of closing nobody is there any more."""
    assert HOURS.is_open(at("2026-11-20T16:59+05:30"))
    assert not HOURS.is_open(at("2026-11-20T17:00+05:30"))


def test_special_days_replace_the_week():
    """A holiday is closed on a working day; another day may open on a Sunday."""
    assert HOURS.ranges(date(2027, 1, 26)) == ()
    assert len(HOURS.ranges(date(2027, 1, 31))) == 1


def test_past_midnight_belongs_to_the_evening_before():
    """A bar open until one is open at half past midnight, though the new day opens at six."""
    bar = OpeningHours("Europe/London", ((Span.read("18:00-01:00"),),) * 7)

    assert bar.is_open(at("2026-11-20T00:30Z"))
    assert not bar.is_open(at("2026-11-20T01:00Z"))


def test_clocks_that_change_keep_the_wall_clock():
    """On the day London's clocks go back, nine to five lasts its eight hours by the wall."""
    london = OpeningHours("Europe/London", (NINE_TO_FIVE,) * 7)

    (before,) = london.ranges(date(2026, 10, 24))
    (after,) = london.ranges(date(2026, 10, 25))
    assert before[0].hour == 8
    assert after[0].hour == 9


def test_the_next_opening_skips_closed_days():
    """Asked on Saturday evening, it opens on Monday morning; while open, it is open now."""
    assert at("2026-11-23T09:00+05:30") == HOURS.next_opening(at("2026-11-21T20:00+05:30"))
    assert at("2026-11-20T10:00+05:30") == HOURS.next_opening(at("2026-11-20T10:00+05:30"))


def test_a_desk_that_never_opens_has_no_next_opening():
    """Nothing is promised for a desk whose every day is closed."""
    closed = OpeningHours("UTC", ((),) * 7)

    assert closed.next_opening(at("2026-11-20T10:00Z")) is None
    assert closed.after_open_time(at("2026-11-20T10:00Z"), timedelta(minutes=1)) is None


def test_without_a_week_it_is_always_open():
    """No hours written means around the clock."""
    always = OpeningHours("UTC")

    assert always.is_open(at("2026-11-22T03:00Z"))
    assert at("2026-11-22T03:30Z") == always.after_open_time(at("2026-11-22T03:00Z"), timedelta(minutes=30))


def test_closing_runs_adjoining_ranges_together():
    """The end of the range that is open now; None while it is closed."""
    two = OpeningHours("UTC", ((Span.read("09:00-12:00"), Span.read("12:00-15:00")),) * 7)

    assert at("2026-11-20T15:00Z") == two.closing(at("2026-11-20T10:00Z"))
    assert two.closing(at("2026-11-20T16:00Z")) is None


def test_promises_count_open_time_alone():
    """Two hours from Friday, four o'clock, end on Saturday at eleven."""
    assert at("2026-11-21T11:00+05:30") == HOURS.after_open_time(
        at("2026-11-20T16:00+05:30"), timedelta(hours=2)
    )
