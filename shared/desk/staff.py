"""What follows a change of who works for a tenant: nothing is lost, and what waits finds its people."""

from datetime import datetime

from shared.desk.presence import watch
from shared.desk.room import look_again
from shared.domain.colleagues import Colleague
from shared.outbox import Alarm


def follow_up(tenant: str, colleague: Colleague, now: datetime) -> Alarm:
    """The alarm to commit with the change, so that no crash comes between.

    What a removed colleague had goes back into the queue; whoever has new skills may fit what waits.
    """
    return watch(tenant, colleague, now) if colleague.removed else look_again(tenant, now)
