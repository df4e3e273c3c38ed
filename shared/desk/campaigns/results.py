"""What became of a target that is under way: looked up where its message or its call stands."""

from dataclasses import dataclass

import msgspec

from shared.desk.commit import as_data, message_path, read_message
from shared.desk.edit import Edit, edit_message
from shared.desk.outreach.another_way import failure_of
from shared.desk.services import Services
from shared.domain.conversation import Head, Message
from shared.domain.instants import instant
from shared.domain.outreach import Outreach, outreach_path, over
from shared.domain.planned_calls import PlannedCall, planned_path
from shared.ports import Put
from shared.security.tenancy import TenantStore

_ARRIVED = ("sent", "delivered", "read")
_LOST = ("failed", "unconfirmed", "parked", "suppressed")
ANEW = "it could not go, and is tried anew"


@dataclass(frozen=True, slots=True)
class Result:
    """How far a target came; `reached` is None while nobody knows."""

    reached: bool | None
    reason: str
    cost: float = 0.0
    again: bool = False  # whether another try may do better
    soon: bool = False  # whether it is known in seconds, if it is not yet
    counts: bool = True  # whether it tells how the campaign does; what the customer decided does not


async def result_of(store: TenantStore, outreach: str) -> Result:
    """What became of the outreach of a target's newest attempt."""
    document = await store.get(outreach_path(outreach))
    if document is None:
        return Result(False, "its outreach is gone")
    known = msgspec.convert(document.data, Outreach)
    if known.state == "waiting":
        return Result(None, known.reason)
    if known.state != "sent":
        return Result(False, known.reason, again=known.reason == ANEW, counts=bool(known.failed))
    return await (_of_call(store, known) if known.call else _of_message(store, known))


async def _of_message(store: TenantStore, known: Outreach) -> Result:
    document = await store.get(message_path(known.conversation, known.seq))
    if document is None:
        return Result(True, "sent", known.cost)
    message = read_message(document)
    if message.status in _ARRIVED:
        return Result(True, message.status, known.cost)
    if message.status not in _LOST or await failure_of(store, known):  # by another way it may arrive
        return Result(None, message.status, soon=True)
    why = (message.failure.title or message.failure.code) if message.failure else message.status
    theirs = message.status == "suppressed" or bool(message.failure and message.failure.opted_out)
    return Result(False, why, again=message.status == "parked", counts=not theirs)


async def _of_call(store: TenantStore, known: Outreach) -> Result:
    document = await store.get(planned_path(known.call))
    if document is None:
        return Result(False, "its call is gone")
    planned = msgspec.convert(document.data, PlannedCall)
    told = planned.reason or (planned.outcome or "").replace("_", " ")
    match planned.state:
        case "done":
            return Result(True, told, known.cost)
        case "failed":
            return Result(False, told or "nobody answered")
        case "refused" | "cancelled":
            return Result(False, told or planned.state, counts=False)
    return Result(None, told)


async def take_back(services: Services, store: TenantStore, outreach: str) -> bool:
    """Take back a message that waits for the customer's next word, before it is tried anew; False where it
    is going by now, and so is not to be said again.
    """
    document = await store.get(outreach_path(outreach))
    if document is None or document.data["reason"] == ANEW:
        return True
    known = msgspec.convert(document.data, Outreach)
    gone = over(known, "cancelled", services.ports.clock.now(), ANEW)
    put = Put(document.path, as_data(gone), version=document.version, expires=instant(known.until))

    def edit(head: Head, message: Message) -> Edit | None:
        if message.status != "parked":
            return None
        left = tuple(seq for seq in head.parked if seq != message.seq)
        return Edit(
            message=msgspec.structs.replace(message, status="suppressed"),
            head=msgspec.structs.replace(head, parked=left),
            writes=[put],
        )

    return await edit_message(services.ports, store, known.conversation, known.seq, edit) is not None
