"""Runs the benchmarks and prints their figures: `python benchmarks/run.py [name ...] [--quick]`.

Each measures the product and a yardstick in turn, in the same minutes on the same machine, because
nothing else makes two figures comparable. Servers listen on loopback and stop with the benchmark.
"""

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "journeys")]

from benchmarks.figures import Figure, disk, machine, show  # noqa: E402  the path is set above

NAMES = (
    "webhook_receive",
    "cold_start",
    "turn_overhead",
    "turn_on_emulators",
    "memory",
    "people",
    "agents",
    "crews",
    "runs_steps",
    "runs_on_emulators",
    "voice_state",
    "voice_turn",
    "voice_whole",
    "voice_calls",
)


def main() -> int:
    """Run those asked for, or all; 1 where a target is missed."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}; none is all")
    options.add_argument("--quick", action="store_true", help="small counts: to see that it runs")
    chosen = options.parse_args()
    if unknown := set(chosen.names) - set(NAMES):
        options.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    print(machine(), "(quick: counts too small to quote)" if chosen.quick else "", flush=True)
    figures: list[Figure] = []
    for name in chosen.names or NAMES:
        load = os.getloadavg()[0]
        print(f"\n## {name}\n(load {load:.1f}, a sync of the disk takes {disk():.2f} ms)", flush=True)
        measure: Callable[..., list[Figure]] = import_module(f"benchmarks.{name}").measure
        found = measure(quick=chosen.quick)
        show(found)
        figures += found
    missed = [one.what for one in figures if one.holds is False]
    print(f"\n{len(figures)} figures, {len(missed)} beside their target", *missed, sep="\n- ")
    return 1 if missed and not chosen.quick else 0


if __name__ == "__main__":
    sys.exit(main())
