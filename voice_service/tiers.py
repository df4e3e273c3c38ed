"""Levels of the voice on one call: it rises for a caller who is worth it, while the budget carries that."""

import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from time import perf_counter
from typing import Any

import msgspec

from shared.desk.calls.document import tier_write
from shared.desk.spending import budget_of
from shared.domain.calls import Call, TierChange
from shared.domain.errors import AlreadyExists, FrontdeskError, NotConnected
from shared.domain.instants import instant
from shared.models.budget import BudgetEnded, Reservation
from voice_service.call_means import CallMeans
from voice_service.voices import Voices

log = logging.getLogger(__name__)

EXPECTED_MINUTES = 6.0
"""How long a call is taken to last, where nobody knows; it is never less than a minute more."""


class Tiers:
    """One call's. Every change, and every one that was not to be, stands beside the call."""

    def __init__(
        self, means: CallMeans, voices: Voices, *, begin: Callable[[Coroutine[Any, Any, None]], None]
    ) -> None:
        self._services = means.services
        self._store = means.store
        self._state = means.state
        self._published = means.published
        self._voices = voices
        self._levels = levels = means.levels
        self._tiers = means.published.config.voice.tiers
        self._refused: set[str] = set()  # levels the budget or the vendor did not allow
        self._reservations: list[Reservation] = []
        self._changes = means.state.call.escalations
        if self._tiers.levels:
            voices.failed = lambda level, instead: begin(self._broke(level, instead))
            voices.recovered = lambda _: levels.recovered("tiers")

    async def consider(self, qualification: float | None) -> TierChange | None:
        """Rise where the caller is qualified for it; the change, or the refusal, as it was recorded."""
        tiers = self._tiers
        wanted = self._voices.above(self._voices.level)
        if (
            qualification is None
            or not tiers.escalate
            or qualification < tiers.qualification_threshold
            or wanted is None
            or wanted in self._refused
            or not self._levels.has("tiers")
        ):
            return None
        return await self._rise(wanted, qualification)

    async def close(self) -> None:
        """Give back what was set aside: what the voice truly cost is counted as it is used."""
        budget = budget_of(self._services, self._store, self._published.config)
        for reservation in self._reservations:
            try:
                await budget.settle(reservation, 0.0)
            except FrontdeskError as error:
                log.warning("budget.not_settled", extra={"family": type(error).__name__})

    async def _rise(self, wanted: str, qualification: float) -> TierChange:
        began, before = perf_counter(), self._voices.level
        impact = self._impact(before, wanted)
        passed, done = await self._affordable(impact), False
        if passed:
            try:
                self._voices.become(wanted)
                done = True
            except NotConnected as error:
                self._levels.failed("tiers", str(error))
        if not done:
            self._refused.add(wanted)
        ms = (perf_counter() - began) * 1000
        return await self._record(
            before, wanted, "qualification", qualification, impact=impact, passed=passed, done=done, ms=ms
        )

    async def _affordable(self, impact: float) -> bool:
        """Whether the budget carries the rest of the call on the new level; it is set aside then."""
        if not self._tiers.budget_check or impact <= 0:
            return True
        budget = budget_of(self._services, self._store, self._published.config)
        try:
            self._reservations.append(await budget.reserve(self._state.call.conversation, impact))
        except BudgetEnded as ended:
            log.info("call.tier_not_afforded", extra={"call": self._state.call.id, "why": str(ended)})
            return False
        except FrontdeskError as error:
            log.warning("call.tier_not_afforded", extra={"call": self._state.call.id, "why": str(error)})
            return False
        return True

    async def _broke(self, level: str, instead: str) -> None:
        """A level's vendor failed in the middle of a word, and another has taken the word already."""
        self._levels.failed("tiers", f"the voice of level {level} failed")
        if not instead or self._voices.level != level:
            return
        began = perf_counter()
        self._voices.become(instead)
        self._refused.add(level)
        ms = (perf_counter() - began) * 1000
        impact = self._impact(level, instead)
        await self._record(
            level, instead, "provider_failure", None, impact=impact, passed=True, done=True, ms=ms
        )

    def _impact(self, before: str, after: str) -> float:
        """USD more, or less, for the rest of the call as it is estimated."""
        cost = {tier.id: tier.cost_per_minute for tier in self._tiers.levels}
        began = self._state.call.answered_at or self._state.call.started_at
        now: datetime = self._services.ports.clock.now()
        gone = (now - instant(began)).total_seconds() / 60
        most = self._published.config.voice.max_minutes
        left = min(max(1.0, EXPECTED_MINUTES - gone), max(0.0, most - gone))
        return (cost[after] - cost[before]) * left

    async def _record(
        self,
        before: str,
        after: str,
        trigger: str,
        qualification: float | None,
        *,
        impact: float,
        passed: bool,
        done: bool,
        ms: float,
    ) -> TierChange:
        call = self._state.call
        self._changes += 1
        change = TierChange(
            n=self._changes,
            agent=call.agent,
            qualification=qualification,
            before=before,
            after=after,
            at=self._state.now,
            trigger=trigger,
            cost_impact=impact,
            budget_passed=passed,
            done=done,
            ms=ms,
        )
        try:
            await self._store.commit([tier_write(call, change)])
        except AlreadyExists:
            pass  # a job before this one recorded it and counted it not
        except FrontdeskError as error:
            log.warning("call.tier_not_recorded", extra={"call": call.id, "why": str(error)})

        def counted(now: Call) -> Call:
            risen = msgspec.structs.replace(now, escalations=max(now.escalations, change.n))
            return msgspec.structs.replace(risen, tier=after, tier_trigger=trigger) if done else risen

        self._state.edit(counted)
        return change
