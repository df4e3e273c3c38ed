"""What a process weighs with all that it started: memory that is its own, and processor time."""

from dataclasses import dataclass
from time import monotonic

import psutil


@dataclass(frozen=True, slots=True)
class Weight:
    """Of one moment."""

    at: float  # time.monotonic()
    pss: float  # MB; a page shared by n processes counts as one nth in each
    processor: dict[int, float]  # seconds so far, by process

    def cores(self, before: "Weight") -> float:
        """Cores that were busy since, in the processes that lived through it all."""
        both = self.processor.keys() & before.processor.keys()
        used = sum(self.processor[one] - before.processor[one] for one in both)
        return used / (self.at - before.at)


def weigh(pid: int, *, memory: bool = True) -> Weight:
    """The process and its descendants, now."""
    first = psutil.Process(pid)
    processor, pss = dict[int, float](), 0
    for one in [first, *first.children(recursive=True)]:
        try:
            times = one.cpu_times()
            processor[one.pid] = times.user + times.system
            pss += one.memory_full_info().pss if memory else 0
        except psutil.NoSuchProcess:
            continue
    return Weight(monotonic(), pss / 1e6, processor)


def slope(points: list[tuple[float, float]]) -> float:
    """What one more adds, by least squares over (how many, how much)."""
    middle = sum(x for x, _ in points) / len(points)
    level = sum(y for _, y in points) / len(points)
    spread = sum((x - middle) ** 2 for x, _ in points)
    return sum((x - middle) * (y - level) for x, y in points) / spread
