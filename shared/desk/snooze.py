"""Keeps a conversation out of the inbox until a time, or until the customer writes."""

from datetime import datetime, timedelta

import msgspec

from shared.desk.hand_back import check_has
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change
from shared.domain.colleagues import Actor
from shared.domain.conversation import Head
from shared.domain.errors import Permanent
from shared.domain.instants import stamp

LONGEST = timedelta(days=366)


async def snooze(
    services: Services, tenant: str, conversation: str, *, until: datetime | None, by: Actor
) -> Head:
    """Put a conversation off; None takes it up again.

    Raises Contested where a colleague has it, Permanent for a time that is past or too far, and for a
    resolved conversation.
    """

    def decide(scene: Scene) -> Move | None:
        head = scene.head
        if head.state == "resolved":
            raise Permanent("this conversation is resolved; there is nothing to put off")
        check_has(scene, by)
        if until is not None and not scene.now < until <= scene.now + LONGEST:
            raise Permanent("choose a time to come, within a year")
        at = stamp(until) if until else ""
        return (
            Move(head=msgspec.structs.replace(head, snoozed_until=at)) if at != head.snoozed_until else None
        )

    return await change(services, services.tenant(tenant), conversation, decide, by=by)
