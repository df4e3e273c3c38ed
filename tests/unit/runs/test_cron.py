"""Times as cron writes them, by the clock of a zone."""

from datetime import UTC, datetime

import pytest

from shared.config.crons import check_cron, next_time


@pytest.mark.parametrize(
    ("cron", "after", "zone", "due"),
    [
        ("0 9 * * mon-fri", "2026-11-28T00:00", "Asia/Kolkata", "2026-11-30T03:30"),  # a Saturday before
        ("*/15 * * * *", "2026-11-28T10:07", "UTC", "2026-11-28T10:15"),
        ("30 2 * * *", "2026-03-29T00:00", "Europe/Berlin", "2026-03-29T01:30"),  # 02:30 is left out: 03:30
        ("30 2 * * *", "2026-10-24T23:00", "Europe/Berlin", "2026-10-25T00:30"),  # 02:30 comes twice
        ("30 2 * * *", "2026-10-25T00:30", "Europe/Berlin", "2026-10-26T01:30"),  # and was due once
        ("0 0 29 feb *", "2026-01-01T00:00", "UTC", "2028-02-29T00:00"),
        ("0 8 1 * mon", "2026-11-28T00:00", "UTC", "2026-11-30T08:00"),  # the 1st, or a Monday
        ("0 8 * * 7", "2026-11-28T00:00", "UTC", "2026-11-29T08:00"),  # 7 is Sunday as 0 is
    ],
)
def test_the_next_time_is_by_the_clock_of_the_zone(cron, after, zone, due):
    """Summer time neither loses a time nor tells it twice."""
    found = next_time(cron, datetime.fromisoformat(after).replace(tzinfo=UTC), zone)

    assert due == found.replace(tzinfo=None).isoformat(timespec="minutes")


@pytest.mark.parametrize("cron", ["0 9 * *", "60 9 * * *", "0 9 * * fri-mon", "0 0 30 feb *", "x * * * *"])
def test_what_never_comes_is_refused(cron):
    """A wrong field, an empty range and a day there is not are errors that say what to write."""
    with pytest.raises(ValueError, match="write"):
        check_cron(cron)
