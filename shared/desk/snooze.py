"""Keeps a conversation out of the inbox until a time, or until the customer writes."""

from datetime import datetime, timedelta

import msgspec

from shared.desk.hand_back import check_has
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change, happened
from shared.domain.colleagues import Actor
from shared.domain.conversation import Head
from shared.domain.errors import Permanent
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.outbox import Alarm

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
        if at == head.snoozed_until:
            return None
        alarms = [_comes_back(tenant, conversation, until, by)] if until else []
        return Move(head=msgspec.structs.replace(head, snoozed_until=at), intents=alarms)

    return await change(services, services.tenant(tenant), conversation, decide, by=by)


async def end_snooze(services: Services, tenant: str, conversation: str, until: str, by: str) -> None:
    """Bring back what was put off `until` and tell whoever has it, else whoever put it off (`by`).

    Taken up or put off anew meanwhile, it is let be.
    """

    def decide(scene: Scene) -> Move | None:
        if scene.head.snoozed_until != until:
            return None
        to = scene.head.assignee or by
        told = happened(tenant, conversation, scene, what="conversation.came_back", data={"to": to})
        return Move(head=msgspec.structs.replace(scene.head, snoozed_until=""), intents=[told])

    await change(services, services.tenant(tenant), conversation, decide)


def _comes_back(tenant: str, conversation: str, until: datetime, by: Actor) -> Alarm:
    payload: dict[str, object] = {
        "tenant": tenant,
        "conversation": conversation,
        "until": stamp(until),
        "by": by.id,
    }
    return Alarm(digest("snooze", tenant, conversation, stamp(until), by.id), until, "end_snooze", payload)
