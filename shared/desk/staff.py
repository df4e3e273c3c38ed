"""Puts people on a tenant's list and takes them off it, without losing what they had."""

from datetime import datetime

import msgspec

from shared.desk.colleagues import edit_colleague
from shared.desk.offer_waiting import look_again
from shared.desk.presence import give_up_all
from shared.desk.services import Services
from shared.domain.colleagues import Actor, Colleague, at_least
from shared.domain.errors import Permanent
from shared.outbox import Intent

LARGEST = 100
"""Conversations at a time; more is a mistake in a form."""


async def put_colleague(services: Services, tenant: str, wanted: Colleague, *, by: Actor) -> Colleague:
    """Put somebody on the list, or change their name, address, role, skills and capacity.

    What they have and whether they are there stays. Raises Permanent where `by` may not, or the capacity
    is none.
    """
    _check_may(by)
    if not 0 < wanted.capacity <= LARGEST:
        raise Permanent(f"capacity: {wanted.capacity} is no number from 1 to {LARGEST}")

    def become(before: Colleague | None, now: datetime) -> tuple[Colleague, list[Intent]]:
        stays = before or wanted
        after = msgspec.structs.replace(
            stays,
            name=wanted.name,
            email=wanted.email,
            role=wanted.role,
            skills=wanted.skills,
            capacity=wanted.capacity,
            removed=False,
        )
        return after, [look_again(tenant, now)]  # with new skills, or more room, they may fit what waits

    return await edit_colleague(services, tenant, wanted.id, become)


async def remove_colleague(services: Services, tenant: str, colleague: str, *, by: Actor) -> Colleague:
    """Take somebody off the list; what they had goes back to the queue. Raises Permanent for others."""
    _check_may(by)

    def become(before: Colleague | None, now: datetime) -> tuple[Colleague, list[Intent]]:
        del now
        if before is None:
            raise Permanent("nobody of that id works here; choose somebody from the list of colleagues")
        return msgspec.structs.replace(before, removed=True, presence="offline", online_since=""), []

    after = await edit_colleague(services, tenant, colleague, become)
    await give_up_all(services, tenant, after, why=f"{after.name} does not work here any more", by=by)
    return after


def _check_may(by: Actor) -> None:
    """Returns if `by` is an owner, or the desk itself, which lets the first one in. Raises Permanent."""
    if by.id and not at_least(by.role, "owner"):
        raise Permanent("only an owner may change who works here; ask one")
