"""Brings a promised call to people when it is due: into the queue, with the number to call."""

from datetime import timedelta

import msgspec

from shared.config.schema import DeskConfig
from shared.desk.commit import as_data
from shared.desk.handover import asked, routing
from shared.desk.queue import kind_of
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change, happened
from shared.desk.wake import callbacks_key, wake
from shared.domain.callbacks import CALLBACK, Callback
from shared.domain.conversation import Head
from shared.domain.handovers import Handover
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.states import FROZEN
from shared.ports import Document, Put

EARLY = timedelta(milliseconds=20)
"""Clocks of two machines differ a little; an alarm this close to its time is on time."""


async def ring_callback(services: Services, tenant: str, callback: str) -> None:
    """Ask for a person to make a call that is due, once. One that was cancelled or moved is let be.

    Where people have the conversation already, they are told of it and the call is theirs. Raises
    PreconditionFailed where somebody changed it meanwhile; asked again, it finds what they did.
    """
    store = services.tenant(tenant)
    document = await store.get(f"callbacks/{callback}")
    promised = msgspec.convert(document.data, Callback) if document else None
    if document is None or promised is None or promised.state != "waiting":
        return
    if services.ports.clock.now() + EARLY < instant(promised.due):
        return

    def decide(scene: Scene) -> Move:
        return _brought(tenant, scene, promised, document)

    await change(services, store, promised.conversation, decide)
    await wake(services.ports, callbacks_key(tenant))


def _brought(tenant: str, scene: Scene, promised: Callback, document: Document) -> Move:
    """The move that brings a call to people: who has the conversation, or the queue."""
    with_people = scene.head.state in FROZEN
    handover = None if with_people else _handover(scene.head, promised, scene)
    due = msgspec.structs.replace(
        promised, state="due", handover=handover.id if handover else scene.head.handover
    )
    data: dict[str, object] = {"callback": promised.id, "assignee": scene.head.assignee}
    told = happened(tenant, promised.conversation, scene, what="callback.due", data=data)
    write = Put(document.path, as_data(due), version=document.version)
    if handover is None:
        head = msgspec.structs.replace(scene.head, snoozed_until="")
        return Move(head=head, writes=[write], intents=[told])
    return Move(
        head=msgspec.structs.replace(asked(scene.head, handover), snoozed_until=""),
        handover=handover,
        writes=[write],
        intents=[told, routing(tenant, handover, scene.rev, scene.now)],
        why=handover.reason,
    )


def _handover(head: Head, promised: Callback, scene: Scene) -> Handover:
    """The handover by which somebody is found to make the call."""
    kinds = _kinds(scene.config)
    return Handover(
        id=digest("handover", "callback", promised.id, promised.due),
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
