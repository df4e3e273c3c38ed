"""Tells whose call a job is, from what we signed or from the number that was dialled; never from a claim."""

from dataclasses import dataclass

import msgspec
from livekit import rtc

from shared.config.versions import Published
from shared.desk.calls.arrive import arrived
from shared.desk.calls.document import find_call
from shared.desk.services import Services
from shared.domain import call_rooms
from shared.domain.calls import Call, is_live
from shared.domain.errors import Contested, Malformed, NotThere, Permanent

SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP

MOVED, DIED = "moved", "died"
"""Why another job is sent to a call: its worker stops, or its job is dead."""


class Errand(call_rooms.Whose, frozen=True, kw_only=True):
    """What a job's metadata says; only who has LiveKit's secret, or a token of ours, can write it."""

    why: str = ""  # MOVED or DIED where another job had the call before


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A call, and the version of the desk that answers it."""

    published: Published
    call: Call
    why: str = ""


def errand_of(metadata: str) -> Errand | None:
    """What a job was sent for; None where it names no call, as for one that comes by telephone.

    Raises Malformed.
    """
    if not metadata.strip():
        return None
    try:
        errand = msgspec.json.decode(metadata, type=Errand)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Malformed(f"a job's metadata is not an errand of ours: {error}") from None
    return errand if errand.call else None


async def call_of(services: Services, errand: Errand, room: str) -> Found:
    """The call that an errand names. Raises NotThere or Contested where the errand does not fit it."""
    published = await services.versions.published(errand.desk)
    if published is None or published.tenant != errand.tenant:
        raise NotThere(f"desk {errand.desk} of {errand.tenant} runs no version; the job lets go")
    call = await find_call(services.tenant(errand.tenant), errand.call)
    if call is None or call.desk != errand.desk or call.room != room:
        raise NotThere(f"call {errand.call} of desk {errand.desk} is not in room {room}; the job lets go")
    if not is_live(call):
        raise Contested(f"call {call.id} is over; the job lets go")
    return Found(published=published, call=call, why=errand.why)


async def dialled(services: Services, caller: rtc.RemoteParticipant, room: str) -> Found:
    """The call of somebody who rang a number of ours; begun by whoever is first to see it.

    The telephone network's attributes are read of participants of kind SIP alone: their tokens are made by
    LiveKit's own gateway. Raises Permanent for anybody else, and for a number that no desk has.
    """
    if caller.kind != SIP:
        raise Permanent("a room without an errand has a caller who did not come by telephone; nobody answers")
    published, call = await arrived(services, room, caller.attributes)
    if not is_live(call):
        raise Contested(f"call {call.id} is over; the job lets go")
    return Found(published=published, call=call)


def is_caller(participant: rtc.RemoteParticipant) -> bool:
    """Whether somebody in the room is who we speak with, by the identity their signed token gives them."""
    return call_rooms.is_caller(participant.identity, "sip" if participant.kind == SIP else "standard")
