"""DBOS on its SQLite file, beside runs of ours: a line with how many at once, a line back with the seconds.

It runs in an environment of its own, `.venv-dbos`. A workflow is ten steps that do nothing, as a program for
DBOS writes them; its settings are those it comes with.
"""

import asyncio
import sys
from time import perf_counter

from dbos import DBOS, DBOSConfig

STEPS = 10


@DBOS.step()
async def step(number: int) -> int:
    """Nothing, durably."""
    return number


@DBOS.workflow()
async def ten() -> int:
    """Ten steps, one after the other."""
    total = 0
    for number in range(STEPS):
        total += await step(number)
    return total


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        runs, at_once = map(int, line.split())
        gate = asyncio.Semaphore(at_once)

        async def one(gate: asyncio.Semaphore = gate) -> None:
            async with gate:
                assert await ten() == sum(range(STEPS))

        began = perf_counter()
        await asyncio.gather(*(one() for _ in range(runs)))
        print(perf_counter() - began, flush=True)


def main() -> None:
    """Serve lines until there are none."""
    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": f"sqlite:///{sys.argv[1]}",
        "run_admin_server": False,
        "application_version": "1",
        "executor_id": "local",
    }
    DBOS(config=config)
    DBOS.launch()
    try:
        asyncio.run(_serve())
    finally:
        DBOS.destroy()


if __name__ == "__main__":
    main()
