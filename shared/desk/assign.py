"""Passes a conversation on: to a colleague, or back into the queue."""

from shared.desk.handover import requeued
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change, happened
from shared.desk.take import taken
from shared.domain.colleagues import Actor, at_least
from shared.domain.conversation import Head
from shared.domain.errors import Contested, Permanent


async def assign(services: Services, tenant: str, conversation: str, *, to: str, by: Actor) -> Head:
    """Give a conversation to the colleague `to`, an id; an empty one puts it back into the queue.

    A supervisor may, and whoever has it, and anybody where nobody does. Raises Contested where a colleague
    has it, Permanent where `to` is nobody, or the conversation resolved or unknown.
    """
    store = services.tenant(tenant)

    def decide(scene: Scene) -> Move | None:
        head = scene.head
        if head.state == "resolved":
            raise Permanent("this conversation is resolved; reopen it first")
        if head.assignee not in ("", by.id) and not at_least(by.role, "supervisor"):
            raise Contested(
                f"{scene.name_of(head.assignee)} has this conversation; ask a supervisor to assign it"
            )
        if not to:
            return _queued(tenant, conversation, scene)
        colleague = scene.colleagues.get(to)
        if colleague is None or colleague.removed:
            raise Permanent("nobody of that id works here; choose somebody from the list of colleagues")
        if head.state == "human_active" and head.assignee == to:
            return None
        why = f"assigned to {colleague.name}"
        return taken(tenant, conversation, scene, to=to, why=why, what="conversation.assigned")

    return await change(services, store, conversation, decide, by=by, involved=(to,) if to else ())


def _queued(tenant: str, conversation: str, scene: Scene) -> Move:
    """The move that lets a conversation wait for somebody again."""
    if scene.head.state != "human_active":
        raise Permanent("no person has this conversation; take it, or assign it to somebody")
    why = "a colleague put it into the queue"
    head, handover, routed = requeued(tenant, conversation, scene, why=why)
    told = happened(tenant, conversation, scene, what="conversation.queued")
    return Move(head=head, handover=handover, intents=[routed, told], why="back to the queue")
