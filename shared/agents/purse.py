"""The money several agents share: each question is set aside from it before anything is asked."""

from dataclasses import dataclass, field

from shared.models.budget import Budget, BudgetEnded, Reservation


@dataclass(slots=True)
class Purse:
    """A budget for one crew, over the tenant's own where there is one."""

    allowed: float  # USD
    inner: Budget | None = None
    spent: float = 0.0
    _held: dict[int, float] = field(default_factory=dict)
    _asked_for: float = 0.0  # set aside here, while the tenant's budget is asked

    async def reserve(self, conversation: str, estimate: float) -> Reservation:
        """See Budget. Raises BudgetEnded of the limit `crew`."""
        held = sum(self._held.values()) + self._asked_for
        if estimate and self.spent + held + estimate > self.allowed:
            raise BudgetEnded("crew", self.spent, self.allowed)
        self._asked_for += estimate
        try:
            inner = await self.inner.reserve(conversation, estimate) if self.inner else Reservation()
        finally:
            self._asked_for -= estimate
        mine = Reservation(paths=inner.paths, micros=inner.micros, share=inner.share)
        self._held[id(mine)] = estimate
        return mine

    async def settle(self, reservation: Reservation, actual: float) -> None:
        """See Budget."""
        self._held.pop(id(reservation), None)
        self.spent += actual
        if self.inner is not None:
            await self.inner.settle(reservation, actual)
