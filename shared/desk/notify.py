"""Tells people what happened: in their browsers, and in systems of the business's own."""

from shared.desk.notices import tell_colleagues
from shared.desk.services import Services
from shared.desk.webhooks import call_webhooks
from shared.domain.events import Happened


async def notify_people(services: Services, event: Happened) -> None:
    """Tell a fact to whom it concerns; told twice, nobody hears it twice.

    Raises Transient where an address is out of reach for now, Permanent where it never can be called.
    """
    await tell_colleagues(services, event)
    await call_webhooks(services, event)
