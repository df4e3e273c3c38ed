"""Relays what crashes left behind, and timers that lay too far ahead, every minute and at start."""

from shared import outbox
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
