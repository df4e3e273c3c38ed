"""Lets a conversation for which a person was asked wait in the queue."""

import msgspec

from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change
from shared.domain.handovers import Handover, handover_path


async def route_handover(services: Services, tenant: str, handover: str) -> None:
    """Queue a handover that was asked for; one that has moved on is let be."""
    store = services.tenant(tenant)
    document = await store.get(handover_path(handover))
    if document is None:
        return
    conversation = msgspec.convert(document.data, Handover).conversation

    def decide(scene: Scene) -> Move | None:
        asked = scene.handover
        if asked is None or asked.id != handover or asked.state != "asked":
            return None
        head = msgspec.structs.replace(scene.head, state="pending_human")
        return Move(head=head, handover=msgspec.structs.replace(asked, state="waiting"), why="queued")

    await change(services, store, conversation, decide)
