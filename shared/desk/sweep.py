"""Relays what crashes left behind, every minute and at start."""

from shared import outbox
from shared.desk.services import Services

ROUNDS = 20


async def sweep_outbox(services: Services) -> int:
    """Relay left intents until none are left, or after so many rounds; how many were relayed."""
    total = 0
    for _ in range(ROUNDS):
        relayed = await outbox.sweep(services.ports, services.platform)
        total += relayed
        if not relayed:
            break
    return total
