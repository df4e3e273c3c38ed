"""Gives a conversation to a person: the desk is silent from that commit on."""

from datetime import timedelta

import msgspec

from shared.desk.services import Services
from shared.desk.silence import silence_alarms
from shared.desk.surroundings import Move, Scene, change, happened
from shared.domain.colleagues import Actor
from shared.domain.conversation import Head
from shared.domain.errors import Contested, Permanent
from shared.domain.handovers import Handover
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.domain.states import State
from shared.outbox import Alarm, Intent

AWAITED: tuple[State, ...] = ("handover", "pending_human")
"""States in which a person is asked for and nobody has come yet."""


async def take(services: Services, tenant: str, conversation: str, *, by: Actor) -> Head:
    """Take a conversation; taken again by whoever has it, nothing changes.

    Raises Contested where a colleague has it, Permanent where it is resolved or unknown.
    """
    store = services.tenant(tenant)

    def decide(scene: Scene) -> Move | None:
        head = scene.head
        if head.state == "resolved":
            raise Permanent("this conversation is resolved; reopen it first")
        if head.state == "human_active" and head.assignee:
            if head.assignee == by.id:
                return None
            raise Contested(
                f"{scene.name_of(head.assignee)} has this conversation; a supervisor can assign it"
            )
        return taken(tenant, conversation, scene, to=by.id, why="taken")

    return await change(services, store, conversation, decide, by=by)


def taken(
    tenant: str, conversation: str, scene: Scene, *, to: str, why: str, what: str = "conversation.taken"
) -> Move:
    """The move that makes a conversation a colleague's; an empty `to` is a person on their own phone.

    What the desk is writing meanwhile is not said. Where a person was asked for, the desk's last words
    told the customer so, and still go.
    """
    head, at = scene.head, stamp(scene.now)
    silences = head.state not in (*AWAITED, "human_active")
    new = msgspec.structs.replace(
        head,
        state="human_active",
        assignee=to,
        epoch=head.epoch + silences,
        lease="",
        lease_until="",
        tended_at=at,
        snoozed_until="",
    )
    handover = accepted(scene.handover, to=to, at=at)
    intents: list[Intent] = [
        *takeover_ends(tenant, conversation, scene),
        *silence_alarms(tenant, conversation, new, scene.escalation, scene.now),
        happened(tenant, conversation, scene, what=what, data={"to": to}),
    ]
    return Move(head=new, handover=handover, intents=intents, why=why)


def accepted(handover: Handover | None, *, to: str, at: str) -> Handover | None:
    """The handover under way as somebody has it now."""
    if handover is None:
        return None
    return msgspec.structs.replace(
        handover,
        state="active",
        assignee=to,
        accepted_at=handover.accepted_at or at,
        offered_to="",
        offered_until="",
    )


def takeover_ends(tenant: str, conversation: str, scene: Scene) -> list[Intent]:
    """The alarm that ends a takeover nobody tends after now; none where the desk's file wants none."""
    after, at = scene.escalation.hand_back_after, stamp(scene.now)
    if not after:
        return []
    payload: dict[str, object] = {"tenant": tenant, "conversation": conversation, "tended_at": at}
    name = digest("end-takeover", tenant, conversation, at)
    return [Alarm(name, scene.now + timedelta(seconds=after), "end_takeover", payload)]
