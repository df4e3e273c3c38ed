"""Records what a colleague typed on the business's own phone; from that commit on the desk is silent."""

from datetime import datetime

import msgspec

from shared.desk.commit import adding, head_path
from shared.desk.record import SEEN_FOR, provider_path
from shared.desk.retention import said_until
from shared.desk.services import Services
from shared.desk.speak import first_answer
from shared.desk.spoke_first import ON_THEIR_PHONE, keep_words
from shared.desk.surroundings import Move, Scene, change
from shared.desk.take import taken, takeover_ends
from shared.domain.content import Content
from shared.domain.conversation import Message
from shared.domain.errors import AlreadyExists
from shared.domain.events import EchoReceived
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.ports import Create, Put, Write
from shared.security.tenancy import TenantStore


async def person_spoke(
    services: Services, store: TenantStore, desk: str, conversation: str, event: EchoReceived
) -> None:
    """Store the words and raise the takeover epoch, in one commit; told twice, the second changes nothing.

    A colleague who has the conversation keeps it; else nobody in the console does. What the customer wrote
    after these words still waits. Raises Transient where no message of theirs is recorded yet.
    """
    if await store.get(head_path(conversation)) is None:
        await keep_words(services, store, desk, conversation, event)
        return
    until = await said_until(services, desk, services.ports.clock.now())

    def decide(scene: Scene) -> Move:
        answers = event.at >= scene.head.last_inbound_at
        move, seq = _takeover(store.tenant, conversation, scene, answers=answers), scene.head.last + 1
        epoch = scene.head.epoch + 1
        new = msgspec.structs.replace(move.head, last=seq, epoch=epoch)
        if answers:
            new = msgspec.structs.replace(new, answered=new.pending, first_waiting="", seen=seq, unread=0)
        expires = scene.now + SEEN_FOR
        place = {"shape": 1, "conversation": conversation, "seq": seq}
        writes: list[Write] = [
            Create(f"seen/{digest(event.event_id)}", {"shape": 1}, expires=expires),
            adding(conversation, _message(event, scene, seq, epoch, until)),
            Put(provider_path(event.channel, event.account, event.message_id), place, expires=expires),
        ]
        answered = first_answer(move.handover, stamp(scene.now))
        return Move(head=new, handover=answered, writes=writes, intents=move.intents, why=move.why)

    try:
        await change(services, store, conversation, decide, by=ON_THEIR_PHONE)
    except AlreadyExists:
        return  # told before


def _takeover(tenant: str, conversation: str, scene: Scene, *, answers: bool) -> Move:
    """The move that leaves the conversation with people; words older than the customer's end no waiting."""
    if scene.head.state != "human_active":
        return taken(tenant, conversation, scene, to="", why="typed on the business's own phone")
    if not answers:
        return Move(head=scene.head, handover=scene.handover)
    head = msgspec.structs.replace(scene.head, tended_at=stamp(scene.now))
    return Move(head=head, handover=scene.handover, intents=takeover_ends(tenant, conversation, scene))


def _message(event: EchoReceived, scene: Scene, seq: int, epoch: int, until: datetime) -> Message:
    return Message(
        seq=seq,
        author="human",
        status="sent",
        at=stamp(scene.now),
        until=stamp(until),
        content=event.content or Content(),
        public_id=event.message_id,
        provider_id=event.message_id,
        provider_at=event.at,
        born=scene.rev,
        rev=scene.rev,
        epoch=epoch,
    )
