"""Closes a conversation, and opens it again: the end of an episode, not of the conversation."""

from collections.abc import Sequence

import msgspec

from shared.desk.hand_back import LONGEST, check_has, ended
from shared.desk.people_memory import left, memory_path
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change, happened
from shared.desk.take import taken
from shared.domain.colleagues import Actor
from shared.domain.conversation import Head
from shared.domain.errors import Contested, Permanent
from shared.domain.instants import stamp


async def resolve(
    services: Services,
    tenant: str,
    conversation: str,
    *,
    by: Actor,
    summary: str = "",
    promises: Sequence[str] = (),
    lesson: str = "",
    upto: int | None = None,
) -> Head:
    """Close a conversation; closed again, nothing changes. `lesson` is what the desk should have known.

    What the desk is writing meanwhile is not said. The customer's next message opens it anew, and the desk
    then knows summary and promises. `upto` is the newest message that whoever closes it has read. Raises
    Contested where a colleague has it or the customer has written since, Permanent where unknown.
    """
    store = services.tenant(tenant)
    before = await store.get(memory_path(conversation))
    summary, promises = (
        summary.strip()[:LONGEST],
        tuple(one.strip()[:LONGEST] for one in promises if one.strip()),
    )
    lesson = lesson.strip()[:LONGEST]

    def decide(scene: Scene) -> Move | None:
        head = scene.head
        if head.state == "resolved":
            return None
        check_has(scene, by)
        if upto is not None and head.pending > upto:
            raise Contested("the customer has written since; read it first")
        new = msgspec.structs.replace(
            head,
            state="resolved",
            assignee="",
            handover="",
            epoch=head.epoch + 1,
            lease="",
            lease_until="",
            answered=head.pending,
            first_waiting="",
            failures=0,
            negative_in_a_row=0,
            unsure_in_a_row=0,
            unread=0,
            snoozed_until="",
        )
        return Move(
            head=new,
            handover=ended(scene, "resolved", by=by, summary=summary, promises=promises, lesson=lesson),
            writes=left(
                conversation,
                before,
                at=stamp(scene.now),
                until=scene.until,
                by=by,
                summary=summary,
                promises=promises,
            ),
            intents=[happened(tenant, conversation, scene, what="conversation.resolved")],
            why="resolved",
        )

    return await change(services, store, conversation, decide, by=by)


async def reopen(services: Services, tenant: str, conversation: str, *, by: Actor) -> Head:
    """Take a resolved conversation up again. Raises Permanent where it is not resolved."""
    store = services.tenant(tenant)

    def decide(scene: Scene) -> Move:
        if scene.head.state != "resolved":
            raise Permanent("this conversation is not resolved; take it as it is")
        return taken(tenant, conversation, scene, to=by.id, why="reopened", what="conversation.reopened")

    return await change(services, store, conversation, decide, by=by)
