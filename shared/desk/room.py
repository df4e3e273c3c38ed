"""Says that somebody may have room again, so that what waits in the queues is offered anew."""

from datetime import datetime

from shared.domain.identity import new_id
from shared.outbox import Alarm


def look_again(tenant: str, now: datetime) -> Alarm:
    """The alarm to set with whatever gives somebody room."""
    return Alarm(f"offer-waiting-{new_id()}", now, "offer_waiting", {"tenant": tenant})
