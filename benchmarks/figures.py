"""What a benchmark found, in the one form all of them are read in: ours, the yardstick's, their ratio."""

import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `target` is a sentence; `holds` is None where there is none to hold."""

    what: str
    ours: float
    unit: str
    n: int
    yardstick: float | None = None
    of: str = ""  # what the yardstick is
    target: str = ""
    holds: bool | None = None

    @property
    def ratio(self) -> float | None:
        """Ours over the yardstick's."""
        return self.ours / self.yardstick if self.yardstick else None


def median(samples: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(samples)


def percentile(samples: Sequence[float], part: float) -> float:
    """The sample below which `part` (0 to 1) of them lie."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, round(part * (len(ordered) - 1)))]


def machine() -> str:
    """Where and when figures were taken; they compare with nothing else."""
    model = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = f"{len(names)} x {names[0].partition(': ')[2].strip()}" if names else model
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {model}, {platform.system()} {platform.release()}, {python}"
    )


def disk() -> float:
    """Milliseconds until a page is on the disk, the median of 200: durable figures stand and fall with it."""
    took: list[float] = []
    with tempfile.TemporaryFile() as file:
        for _ in range(200):
            began = perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
            took.append((perf_counter() - began) * 1000)
    return median(took)


def show(figures: Sequence[Figure]) -> None:
    """The table, as Markdown."""
    print("\n| what | ours | yardstick | ratio | n | target |")
    print("|---|---|---|---|---|---|")
    for one in figures:
        yardstick = f"{_number(one.yardstick)} {one.unit} ({one.of})" if one.yardstick else one.of or ""
        ratio = f"{one.ratio:.2f}" if one.ratio else ""
        mark = {True: "holds: ", False: "MISSED: ", None: ""}[one.holds]
        target = f"{mark}{one.target}" if one.target else ""
        print(f"| {one.what} | {_number(one.ours)} {one.unit} | {yardstick} | {ratio} | {one.n} | {target} |")
    sys.stdout.flush()


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
