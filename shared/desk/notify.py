"""Tells people what happened: on open pages, by notices, and in systems of the business's own."""

from shared.desk.notices import tell_colleagues
from shared.desk.services import Services
from shared.desk.wake import callbacks_key, tickets_key, wake
from shared.desk.webhooks import call_webhooks
from shared.domain.events import Happened

LISTS = {"ticket": tickets_key, "callback": callbacks_key}
"""What a fact may name, and who looks at a list of these: whatever changes one tells so, whoever does."""


async def notify_people(services: Services, event: Happened) -> None:
    """Tell a fact to whom it concerns; told twice, nobody hears it twice.

    Raises Transient where an address is out of reach for now, Permanent where it never can be called.
    """
    for kind, key in LISTS.items():
        if kind in event.data:
            await wake(services.ports, key(event.tenant))
    await tell_colleagues(services, event)
    await call_webhooks(services, event)
