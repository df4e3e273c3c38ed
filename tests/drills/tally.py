"""What a drill came to, as one line that says how much it proves."""

import math
from dataclasses import dataclass, field

SHOWN = 12


@dataclass
class Tally:
    """How often something was tried, what failed, and what else is worth knowing."""

    name: str
    n: int = 0
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    table: list[str] = field(default_factory=list)  # lines of figures, beneath its own

    def check(self, holds: object, told: str) -> None:
        """Count one trial, failed where it does not hold; told at once, for a full drill takes long."""
        self.n += 1
        if holds:
            return
        self.failures.append(told)
        if len(self.failures) <= SHOWN:
            print(f"    {self.name}: {told}", flush=True)  # noqa: T201

    @property
    def line(self) -> str:
        """Name, trials, failures, and the failure rate that 95 of 100 such drills would stay below."""
        failed = len(self.failures)
        bound = upper_bound(failed, self.n)
        line = f"{self.name:<10} {failed} of {self.n} failed; true rate at most {bound:.4%} (95 %)"
        return "; ".join([line, *self.notes])


def upper_bound(failed: int, n: int) -> float:
    """The exact one-sided 95 % bound (Clopper and Pearson); about 3/n where nothing failed."""
    if n == 0 or failed >= n:
        return 1.0
    low, high = failed / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(failed, n, middle) > 0.05 else (low, middle)
    return high


def _at_most(failed: int, n: int, rate: float) -> float:
    """The chance of so many failures or fewer at that rate."""
    return sum(
        math.exp(
            math.lgamma(n + 1)
            - math.lgamma(k + 1)
            - math.lgamma(n - k + 1)
            + k * math.log(rate)
            + (n - k) * math.log1p(-rate)
        )
        for k in range(failed + 1)
    )
