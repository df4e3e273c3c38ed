"""Passes a conversation on when whoever has it says nothing for too long while the customer waits."""

from shared.desk.requeue import back_in_queue
from shared.desk.services import Services
from shared.desk.silence import customer_waits
from shared.desk.spoke_first import ON_THEIR_PHONE
from shared.desk.surroundings import Move, Scene, change


async def reassign_silent(
    services: Services, tenant: str, conversation: str, assignee: str, tended_at: str
) -> None:
    """Put the conversation back into the queue, unless it was tended since, or nobody waits."""
    store = services.tenant(tenant)

    def decide(scene: Scene) -> Move | None:
        head = scene.head
        if head.state != "human_active" or head.assignee != assignee or head.tended_at != tended_at:
            return None
        if not customer_waits(head, scene.handover):
            return None
        who = scene.name_of(assignee) if assignee else ON_THEIR_PHONE.name
        why = f"{who} was silent for too long"
        return back_in_queue(tenant, conversation, scene, holder=assignee, why=why)

    await change(services, store, conversation, decide)
