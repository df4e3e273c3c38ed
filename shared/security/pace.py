"""How often one caller may ask: a bucket per key, held in this process, forgetting whoever went quiet.

Every instance of a service keeps its own buckets, so what all take together is the limit times the instances.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_MOST = 20_000  # keys remembered; the quietest are forgotten first, whose buckets are full again anyway


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests at once, and so many a minute after that."""

    burst: int
    per_minute: float


class Pace:
    """A bucket for every key, each of the same rate."""

    def __init__(self, now: Callable[[], datetime], rate: Rate) -> None:
        self._now = now
        self._burst = rate.burst
        self._rate = rate.per_minute / 60
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Takes one and returns 0, or returns the seconds until there is one."""
        now = self._now()
        left, since = self._buckets.pop(key, (float(self._burst), now))
        left = min(self._burst, left + max(0.0, (now - since).total_seconds()) * self._rate)
        taken = left >= 1
        self._buckets[key] = (left - 1 if taken else left, now)
        if len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        return 0.0 if taken else (1 - left) / self._rate
