"""How often somebody may try to sign in: counted in the store, so that it holds over processes and restarts.

Documents of the platform: `attempts/{digest}`, gone when their window is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from shared.domain.errors import AlreadyExists, Permanent, PreconditionFailed
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.ports import Clock, Create, Delete, Document, Put, Write
from shared.security.tenancy import PlatformStore

WINDOW = timedelta(minutes=15)
_TRIES = 8


class TooMany(Permanent):
    """Somebody tried too often; `seconds` until they may again."""

    def __init__(self, seconds: float) -> None:
        minutes = max(1, ceil(seconds / 60))
        unit = "minute" if minutes == 1 else "minutes"
        super().__init__(f"Too many attempts to sign in. Wait {minutes} {unit}, then try again.")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts in a window, by what `key` names."""

    key: tuple[str, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Attempts:
    """Counts attempts before they are made, so that many at once count as many."""

    platform: PlatformStore
    clock: Clock

    async def count(self, limits: Sequence[Limit]) -> None:
        """Take one attempt under every limit. Raises TooMany where one is used up."""
        for _ in range(_TRIES):
            found = await self.platform.get_many([_path(limit.key) for limit in limits])
            writes = [self._one_more(limit, document) for limit, document in zip(limits, found, strict=True)]
            try:
                await self.platform.commit(writes)
            except (AlreadyExists, PreconditionFailed):
                continue
            return
        raise TooMany(60)  # so many at once are no person

    async def forget(self, key: tuple[str, ...]) -> None:
        """Begin anew under a key, after a success."""
        await self.platform.commit([Delete(_path(key))])

    def _one_more(self, limit: Limit, document: Document | None) -> Write:
        now = self.clock.now()
        if document is None:
            ends = now + WINDOW
            return Create(_path(limit.key), {"shape": 1, "count": 1, "ends": stamp(ends)}, expires=ends)
        count, ends = int(str(document.data["count"])), instant(str(document.data["ends"]))
        if ends <= now:
            ends, count = now + WINDOW, 0
        if count >= limit.most:
            raise TooMany((ends - now).total_seconds())
        data: dict[str, object] = {"shape": 1, "count": count + 1, "ends": stamp(ends)}
        return Put(_path(limit.key), data, version=document.version, expires=ends)


def _path(key: tuple[str, ...]) -> str:
    return f"attempts/{digest('attempt', *key)}"
