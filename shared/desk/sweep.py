"""What is done on schedule: each minute what crashes left behind, each day what has come to its end."""

from shared import outbox
from shared.desk.each import Each
from shared.desk.retention import sweep_files
from shared.desk.runs.forget import end_still, forget_steps, forget_words
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
    """Remove files, and what runs hold, whose time has come; end runs that stood still for too long; have the
    bus keep its dead letters; how many.

    A bus of the cloud forgets its dead letters within days, unless somebody reads them.
    """
    each, total = Each(), 0
    with each.one(of="dead letters"):
        await services.ports.bus.dead(1)
    sweeps = {"still": end_still, "steps": forget_steps, "words": forget_words, "files": sweep_files}
    for of, sweep in sweeps.items():
        with each.one(of=of):
            total += await sweep(services)
    each.done()
    return total
