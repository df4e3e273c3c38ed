"""The alarms of calls: when one is looked at again, and when a planned one goes a step further."""

import math
from datetime import UTC, datetime, timedelta

from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.outbox import Alarm

FAR = timedelta(seconds=15)
NEAR_GRID, FAR_GRID = 1, 10  # seconds


def watch_alarm(tenant: str, call: str, now: datetime, after: timedelta, *, look: int = 1) -> Alarm:
    """The alarm that looks whether somebody carries a call, `after` from now or a little later.

    It is due at a whole second, or at a tenth one where it is far: so whatever asks for a look makes the
    same alarm, and not a further row of them beside the others.
    """
    grid = FAR_GRID if after > FAR else NEAR_GRID
    seconds = math.ceil((now + after).timestamp() / grid) * grid
    due = datetime.fromtimestamp(seconds, UTC)
    name = digest("watch-call", tenant, call, str(look), stamp(due))
    return Alarm(name, due, "watch_call", {"tenant": tenant, "call": call, "look": look})


def errand_alarm(tenant: str, errand: str, planned: str, now: datetime) -> Alarm:
    """The alarm that gives a promised call back to people, since the planned one does not keep it."""
    name = digest("callback for people", tenant, errand, planned)
    return Alarm(name, now, "ring_callback", {"tenant": tenant, "callback": errand, "people": True})


def step_alarm(tenant: str, planned: str, due: datetime, *, why: str = "") -> Alarm:
    """The alarm that takes a planned call a step further: dials, tries again, or notes how it ended."""
    name = digest("place-call", tenant, planned, stamp(due), why)
    return Alarm(name, due, "place_call", {"tenant": tenant, "planned": planned})
