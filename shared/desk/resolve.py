"""Closes a conversation, and opens it again: the end of an episode, not of the conversation."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from shared.desk.hand_back import LONGEST, check_has, ended
from shared.desk.people_memory import left, memory_path
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change, happened
from shared.desk.take import taken
from shared.desk.taken_unasked import taken_unasked
from shared.domain.colleagues import Actor
from shared.domain.conversation import Head
from shared.domain.errors import Contested, Permanent
from shared.domain.handovers import Handover
from shared.domain.identity import digest
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

    Where no handover is under way, the lesson is kept as the handover that was never asked for.
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
    unasked = await taken_unasked(store, conversation, stamp(services.ports.clock.now())) if lesson else None

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
            back_at=stamp(scene.now),
            wrote=0,
            unread=0,
            snoozed_until="",
        )
        if scene.handover is None and lesson:
            scene = replace(scene, handover=_never_asked(conversation, scene, unasked))
        over = ended(scene, "resolved", by=by, summary=summary, promises=promises, lesson=lesson)
        data: dict[str, object] = {"handover": over.id} if over else {}
        return Move(
            head=new,
            handover=over,
            writes=left(
                conversation,
                before,
                at=stamp(scene.now),
                until=scene.until,
                by=by,
                summary=summary,
                promises=promises,
            ),
            intents=[happened(tenant, conversation, scene, what="conversation.resolved", data=data)],
            why="resolved",
        )

    return await change(services, store, conversation, decide, by=by)


def _never_asked(conversation: str, scene: Scene, unasked: Handover | None) -> Handover:
    """What a handover would say where there was none; `unasked` tells what a person said."""
    head = scene.head
    return Handover(
        id=digest("taken", conversation, f"rev {scene.rev}"),
        desk=head.desk,
        conversation=conversation,
        customer=head.customer,
        channel=head.channel,
        reason=unasked.reason if unasked else "",
        asked_at=unasked.asked_at if unasked else stamp(scene.now),
        asked_seq=unasked.asked_seq if unasked else head.pending,
    )


async def reopen(services: Services, tenant: str, conversation: str, *, by: Actor) -> Head:
    """Take a resolved conversation up again. Raises Permanent where it is not resolved."""
    store = services.tenant(tenant)

    def decide(scene: Scene) -> Move:
        if scene.head.state != "resolved":
            raise Permanent("this conversation is not resolved; take it as it is")
        return taken(tenant, conversation, scene, to=by.id, why="reopened", what="conversation.reopened")

    return await change(services, store, conversation, decide, by=by)
