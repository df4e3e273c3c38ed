"""Brings a promised call up when it is due: to the desk where its file says so, else to people's queue."""

from datetime import timedelta

import msgspec

from shared.config.schema import DeskConfig
from shared.desk.calls.promised import called_by_desk
from shared.desk.commit import as_data
from shared.desk.handover import asked, routing
from shared.desk.queue import kind_of
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change, happened
from shared.domain.callbacks import CALLBACK, Callback
from shared.domain.conversation import Head
from shared.domain.handovers import Handover
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.states import FROZEN
from shared.outbox import Alarm
from shared.ports import Document, Put

EARLY = timedelta(milliseconds=20)
"""Clocks of two machines differ a little; an alarm this close to its time is on time."""

LOOK_AGAIN = timedelta(minutes=15)
"""After so long it is looked whether a call that people were told of was made, or who has it now."""


async def ring_callback(
    services: Services, tenant: str, callback: str, *, people: bool = False, again: bool = False
) -> None:
    """Have a call made that is due, once. One that was cancelled or moved is let be.

    A person is asked for unless the desk makes such calls itself; `people` says that it has tried. Where
    people have the conversation already, they are told of it and the call is theirs; `again` looks
    whether it still is, and asks anew where they left the conversation without making it. Raises
    PreconditionFailed where somebody changed it meanwhile; asked again, it finds what they did.
    """
    store = services.tenant(tenant)
    document = await store.get(f"callbacks/{callback}")
    promised = msgspec.convert(document.data, Callback) if document else None
    awaited = "due" if again else "calling" if people else "waiting"
    if document is None or promised is None or promised.state != awaited:
        return
    if services.ports.clock.now() + EARLY < instant(promised.due):
        return
    published = None if people or again else await services.versions.published(promised.desk)
    if published and await called_by_desk(services, tenant, promised, document, published.config):
        return

    def decide(scene: Scene) -> Move:
        if again and scene.head.state in FROZEN:
            return Move(head=scene.head, intents=[_looked_at(tenant, promised, scene)])
        return _brought(tenant, scene, promised, document)

    await change(services, store, promised.conversation, decide)


def _brought(tenant: str, scene: Scene, promised: Callback, document: Document) -> Move:
    """The move that brings a call to people: who has the conversation, or the queue."""
    with_people = scene.head.state in FROZEN
    handover = None if with_people else _handover(scene.head, promised, scene)
    due = msgspec.structs.replace(
        promised, state="due", handover=handover.id if handover else scene.head.handover
    )
    data: dict[str, object] = {"callback": promised.id, "assignee": scene.head.assignee}
    data["unclaimed"] = with_people and not scene.head.assignee
    look = _looked_at(tenant, promised, scene)
    told = happened(tenant, promised.conversation, scene, what="callback.due", data=data)
    write = Put(document.path, as_data(due), version=document.version)
    if handover is None:
        head = msgspec.structs.replace(scene.head, snoozed_until="")
        return Move(head=head, writes=[write], intents=[told, look])
    return Move(
        head=msgspec.structs.replace(asked(scene.head, handover), snoozed_until=""),
        handover=handover,
        writes=[write],
        intents=[told, look, routing(tenant, handover, scene.rev, scene.now)],
        why=handover.reason,
    )


def _looked_at(tenant: str, promised: Callback, scene: Scene) -> Alarm:
    """The alarm that looks after a call with people, until it was made, missed or cancelled."""
    at = scene.now + LOOK_AGAIN
    payload: dict[str, object] = {"tenant": tenant, "callback": promised.id, "again": True}
    return Alarm(digest("callback again", tenant, promised.id, stamp(at)), at, "ring_callback", payload)


def _handover(head: Head, promised: Callback, scene: Scene) -> Handover:
    """The handover by which somebody is found to make the call."""
    kinds = _kinds(scene.config)
    return Handover(
        id=digest("handover", "callback", promised.id, str(scene.rev)),
        desk=head.desk,
        conversation=promised.conversation,
        customer=head.customer,
        channel=head.channel,
        type=CALLBACK,
        reason=f"Call back: {promised.about}",
        priority="high",
        summary=f"Call {promised.phone}, as promised. {promised.about}",
        departments=kinds,
        asked_at=stamp(scene.now),
        asked_seq=head.last,
    )


def _kinds(config: DeskConfig | None) -> tuple[str, ...]:
    """The skills for calls, where the desk's file describes such a kind of person; else anybody."""
    kind = kind_of(config, CALLBACK) if config else None
    return kind.departments if kind and kind.type == CALLBACK else ()
