"""Keeps what models cost within a tenant's limits: money is set aside before an answer, settled after it."""

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from shared.domain.errors import AlreadyExists, Permanent, PreconditionFailed, Transient
from shared.ports import Clock, Create, Data, Document, Put, Write
from shared.security.tenancy import TenantStore

_MICROS = 1_000_000  # money is counted in millionths of a dollar, so that sums stay exact
_TRIES = 8
_PAUSE = 0.02  # seconds, growing with each try
_KEPT = {
    "hour": timedelta(hours=2),
    "day": timedelta(days=2),
    "month": timedelta(days=62),
    "conversation": timedelta(days=90),
}


class BudgetEnded(Permanent):
    """The next answer would pass a limit. `limit` is `hour`, `day`, `month` or `conversation`."""

    def __init__(self, limit: str, spent: float, allowed: float) -> None:
        spending = f"${spent:.2f} of the {limit}'s ${allowed:.2f} are spent"
        wait = "" if limit == "conversation" else f" or wait for the next {limit}"
        super().__init__(f"{spending}; raise budgets.{limit} in the desk's file{wait}")
        self.limit = limit

    def renewed_in(self, now: datetime) -> float | None:
        """Seconds until the limit begins anew by itself; None where that is weeks away, or never."""
        today = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        match self.limit:
            case "hour":
                return (today + timedelta(hours=1) - now).total_seconds()
            case "day":
                return (today.replace(hour=0) + timedelta(days=1) - now).total_seconds()
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """USD a tenant may spend, and one conversation; 0 allows only what costs nothing."""

    hour: float = 10.0
    day: float = 100.0
    month: float = 2000.0
    conversation: float = 0.50

    def of(self, limit: str) -> float:
        """The limit of a name."""
        return {"hour": self.hour, "day": self.day, "month": self.month}.get(limit, self.conversation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Money set aside. `share` is how far the nearest limit is used up, 0..1, with this in it."""

    paths: tuple[str, ...] = ()
    micros: int = 0
    share: float = 0.0


@dataclass(slots=True)
class Meter:
    """What something has cost so far, also for whoever cuts it short and hears of no result."""

    money: float = 0.0  # USD


class Budget(Protocol):
    """The seam: what asks before models are asked, for one tenant."""

    async def reserve(self, conversation: str, estimate: float) -> Reservation:
        """Set `estimate` USD aside. Raises BudgetEnded naming the limit, Transient for a busy store."""
        ...

    async def settle(self, reservation: Reservation, actual: float) -> None:
        """Replace the estimate by what it truly cost, USD. Raises Transient for a busy store."""
        ...


class CountedBudget:
    """A Budget of four counters in the Store, one for each window of UTC time and the conversation.

    What costs nothing touches no counter. A commit whose outcome is unknown is made again: a sum too
    high by one estimate ends a budget early, which is the safe side.
    """

    def __init__(self, store: TenantStore, limits: Limits, clock: Clock) -> None:
        self._store = store
        self._limits = limits
        self._clock = clock

    async def reserve(self, conversation: str, estimate: float) -> Reservation:
        """See Budget."""
        micros = _in_micros(estimate)
        if micros <= 0:
            return Reservation()
        paths = _paths(conversation, self._clock.now())
        share = await self._add(paths, micros, checked=True)
        return Reservation(paths=paths, micros=micros, share=share)

    async def settle(self, reservation: Reservation, actual: float) -> None:
        """See Budget."""
        difference = _in_micros(actual) - reservation.micros
        if reservation.paths and difference:
            await self._add(reservation.paths, difference, checked=False)

    async def spend(self, conversation: str, money: float) -> None:
        """Count what was spent without asking, USD: the bill of a vendor whose service has been used."""
        if micros := _in_micros(money):
            await self._add(_paths(conversation, self._clock.now()), micros, checked=False)

    async def _add(self, paths: tuple[str, ...], micros: int, *, checked: bool) -> float:
        for attempt in range(_TRIES):
            found = await self._store.get_many(paths)
            spent = [_spent(document) + micros for document in found]
            share = max(map(self._share, paths, spent))
            if checked:
                self._check(paths, spent, micros)
            try:
                await self._store.commit(self._writes(paths, found, spent))
            except (AlreadyExists, PreconditionFailed, Transient):
                # Somebody else counted at the same moment: look again, out of step with them.
                await asyncio.sleep(random.uniform(0, _PAUSE * (attempt + 1)))
            else:
                return share
        raise Transient("the spending counters are contended; try again in a moment", retry_after=1.0)

    def _check(self, paths: tuple[str, ...], spent: list[int], micros: int) -> None:
        for path, total in zip(paths, spent, strict=True):
            limit = _limit(path)
            allowed = self._limits.of(limit)
            if total > _in_micros(allowed):
                raise BudgetEnded(limit, (total - micros) / _MICROS, allowed)

    def _share(self, path: str, spent: int) -> float:
        allowed = _in_micros(self._limits.of(_limit(path)))
        return min(1.0, max(0.0, spent / allowed)) if allowed else 1.0

    def _writes(self, paths: tuple[str, ...], found: list[Document | None], spent: list[int]) -> list[Write]:
        return [self._write(*one) for one in zip(paths, found, spent, strict=True)]

    def _write(self, path: str, known: Document | None, spent: int) -> Write:
        data: Data = {"micros": spent}
        expires = self._clock.now() + _KEPT[_limit(path)]
        if known is None:
            return Create(path, data, expires)
        return Put(path, data, known.version, expires)


def _paths(conversation: str, now: datetime) -> tuple[str, ...]:
    """One counter for each limit; the conversation's first, being the nearest to its end."""
    windows = (("hour", "%Y%m%d%H"), ("day", "%Y%m%d"), ("month", "%Y%m"))
    return (
        f"spending/conversation-{conversation}",
        *(f"spending/{name}-{now.strftime(form)}" for name, form in windows),
    )


async def spent_on(store: TenantStore, conversation: str) -> float:
    """What a conversation cost so far, USD, with what is set aside for it now."""
    return _spent(await store.get(f"spending/conversation-{conversation}")) / _MICROS


def _limit(path: str) -> str:
    return path.removeprefix("spending/").partition("-")[0]


def _spent(document: Document | None) -> int:
    micros = document.data.get("micros") if document else 0
    return micros if isinstance(micros, int) else 0


def _in_micros(money: float) -> int:
    return round(money * _MICROS)
