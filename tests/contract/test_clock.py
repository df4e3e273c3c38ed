"""Clock: the time, aware and in UTC."""

from datetime import UTC, datetime, timedelta


async def test_now_is_aware_utc_and_about_now(ports):
    """The clock tells the machine's time, aware, in UTC."""
    now = ports.clock.now()

    assert now.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


async def test_time_never_runs_back_within_a_process(ports):
    """Two looks at the clock are in order."""
    first = ports.clock.now()

    assert ports.clock.now() >= first
