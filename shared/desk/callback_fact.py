"""The fact that something became of a promised call, told in one form by whoever sees to it."""

from datetime import datetime

from shared.domain.callbacks import Callback
from shared.domain.colleagues import DESK, Actor
from shared.domain.events import Happened
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.outbox import Publication


def callback_fact(
    tenant: str, callback: Callback, now: datetime, *, what: str, by: Actor = DESK
) -> Publication:
    """The fact `what` of a call as it became, for whoever watches."""
    return Publication.of(
        Happened(
            event_id=digest(what, callback.id, stamp(now)),
            tenant=tenant,
            what=what,
            at=stamp(now),
            conversation=callback.conversation,
            data={"callback": callback.id, "due": callback.due, "desk": callback.desk, "by": by.id},
        )
    )
