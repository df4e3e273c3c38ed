"""Puts a conversation back into the queue when whoever had it, or was to take it, cannot look after it."""

import msgspec

from shared.desk.handover import requeued
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change, happened
from shared.domain.colleagues import DESK, Actor
from shared.domain.conversation import Head


async def requeue(
    services: Services, tenant: str, conversation: str, *, holder: str, why: str, by: Actor = DESK
) -> Head:
    """Let the conversation wait for somebody else, where `holder` still has it or is offered it.

    The next fitting colleague is looked for at once, and `holder` is not asked again. Raises Permanent
    where there is no such conversation.
    """
    store = services.tenant(tenant)

    def decide(scene: Scene) -> Move | None:
        if not holds(scene, holder):
            return None
        return back_in_queue(tenant, conversation, scene, holder=holder, why=why)

    return await change(services, store, conversation, decide, by=by, involved=(holder,))


def holds(scene: Scene, colleague: str) -> bool:
    """Whether a colleague has the conversation or is offered it."""
    if scene.head.state == "human_active":
        return bool(colleague) and scene.head.assignee == colleague
    handover = scene.handover
    return handover is not None and handover.state == "offered" and handover.offered_to == colleague


def back_in_queue(tenant: str, conversation: str, scene: Scene, *, holder: str, why: str) -> Move:
    """The move that lets the conversation wait again, and looks for the next colleague."""
    head, waits, routed = requeued(tenant, conversation, scene, why=why)
    passed = tuple(dict.fromkeys((*waits.passed, *([holder] if holder else []))))
    told = happened(tenant, conversation, scene, what="conversation.requeued", data={"from": holder})
    return Move(
        head=head, handover=msgspec.structs.replace(waits, passed=passed), intents=[routed, told], why=why
    )
