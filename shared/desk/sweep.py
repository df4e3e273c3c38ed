"""What is done on schedule: each minute what crashes left behind, each day what has come to its end."""

from shared import outbox
from shared.desk.retention import sweep_files
from shared.desk.services import Services

ROUNDS = 20


async def sweep_outbox(services: Services) -> int:
    """Take up far timers, then relay left intents until none are left or so many rounds; how many of both."""
    total = await services.ports.timers.sweep()
    for _ in range(ROUNDS):
        relayed = await outbox.sweep(services.ports, services.platform)
        total += relayed
        if not relayed:
            break
    return total


async def sweep_daily(services: Services) -> int:
    """Remove files whose time has come, and have the bus keep its dead letters; how many files.

    A bus of the cloud forgets its dead letters within days, unless somebody reads them.
    """
    await services.ports.bus.dead(1)
    return await sweep_files(services)
