"""When somebody may be reached by their own clock, which their number tells, wherever the desk stands."""

from datetime import datetime
from functools import lru_cache

import phonenumbers
from phonenumbers import timezone

from shared.config.hours import Hours

_ROUNDS = 30


def reachable_from(hours: Hours, number: str, zone: str, at: datetime) -> datetime | None:
    """The first instant from `at` on that is within the hours for a number; None where none is in a year.

    The hours are told by the clocks of every zone the number may be in, unless they name one themselves;
    `zone` is theirs of whose number nothing is known.
    """
    zones = (hours.timezone,) if hours.timezone else zones_of(number) or (zone,)
    openings = [hours.opening(one) for one in zones]
    for _ in range(_ROUNDS):  # what one zone allows another may not
        found = [one.next_opening(at) for one in openings]
        if None in found:
            return None
        latest = max(one for one in found if one)
        if latest == at:
            return at
        at = latest
    return None


@lru_cache(maxsize=1000)
def zones_of(number: str) -> tuple[str, ...]:
    """The time zones a number may be in; none where it tells nothing."""
    try:
        told = timezone.time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(zone for zone in told if zone != timezone.UNKNOWN_TIMEZONE)
