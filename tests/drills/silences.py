"""How long callers waited in silence, by fault, beside what the machine alone did to a tone meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.drills.one_call import Trial


@dataclass
class Silences:
    """The trials so far."""

    trials: list[Trial] = field(default_factory=list)

    def add(self, trial: Trial) -> None:
        """Another call."""
        self.trials.append(trial)

    @property
    def table(self) -> list[str]:
        """A line a fault: calls, failures, silences, and the machine's own."""
        return [self._line(name) for name in dict.fromkeys(one.fault.name for one in self.trials)]

    def _line(self, name: str) -> str:
        of = [one for one in self.trials if one.fault.name == name]
        void = sum(one.void for one in of)
        told = [
            f"{name:<32} n={len(of)}, failed {sum(bool(one.wrong) for one in of)}",
            _spread("longest silence", [one.silence for one in of]),
            f"{of[0].fault.bound:.0f} s allowed, a plain tone: {max(one.machine for one in of):.1f} s",
            _spread("greeted", [one.greeted for one in of]),
            _spread("closed", [one.closed for one in of]),
            *([f"{void} void, for the machine stalled"] if void else []),
        ]
        return "; ".join(told)


def _spread(what: str, seconds: Sequence[float | None]) -> str:
    """The middle and the longest of those that were measured, and how many were not."""
    found = [one for one in seconds if one is not None]
    if not found:
        return f"{what} not measured"
    missing = f" ({len(seconds) - len(found)} not measured)" if len(found) < len(seconds) else ""
    return f"{what} p50 {median(found):.1f} s, max {max(found):.1f} s{missing}"
