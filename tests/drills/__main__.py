"""`python -m tests.drills [--full] [name…]`: break the product on purpose, and say what held and how surely.

One line a drill: trials, failures, and the exact 95 % upper bound of the true failure rate. Ends with 1
where anything failed. FULL=1 in the environment is --full.
"""

import argparse
import asyncio
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable

from tests.drills import (
    album,
    ambiguous,
    campaign_kill,
    forged,
    fuzz,
    kill,
    lock_held,
    poison,
    replay,
    runs_killed,
    runs_sleeping,
    status_orders,
    takeover,
    voice_loss,
    voice_model,
    voice_pipeline,
    voice_workers,
    wrong_files,
)
from tests.drills.tally import Tally

Drill = Callable[..., Awaitable[Tally]]
DRILLS: dict[str, Drill] = {
    "configs": wrong_files.drill,
    "forgeries": forged.drill,
    "fuzz": fuzz.drill,
    "replay": replay.drill,
    "album": album.drill,
    "statuses": status_orders.drill,
    "lock": lock_held.drill,
    "takeover": takeover.drill,
    "ambiguous": ambiguous.drill,
    "poison": poison.drill,
    "kill": kill.drill,
    "campaign": campaign_kill.drill,
    "runs": runs_killed.drill,
    "sleep": runs_sleeping.drill,
    "voice-model": voice_model.drill,
    "voice-pipeline": voice_pipeline.drill,
    "voice-loss": voice_loss.drill,
    "voice-workers": voice_workers.drill,
}


def main() -> int:
    """Run the drills asked for, all where none is named; 1 where one failed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--full", action="store_true", default=os.environ.get("FULL", "") not in ("", "0"))
    options.add_argument("names", nargs="*", choices=[[], *DRILLS], metavar="name", help=", ".join(DRILLS))
    asked = options.parse_args()
    logging.disable(logging.WARNING if os.environ.get("TELL") else logging.CRITICAL)
    failed = 0
    for name in asked.names or DRILLS:
        began = time.monotonic()
        tally = asyncio.run(DRILLS[name](full=asked.full))
        print(f"{tally.line}; {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201
        for figures in tally.table:
            print(f"    {figures}", flush=True)  # noqa: T201
        failed += bool(tally.failures)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
