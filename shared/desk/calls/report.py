"""Keeps a call in step with what LiveKit tells of its room; what is lost on the way, the watch finds."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from shared.desk.calls.alarms import watch_alarm
from shared.desk.calls.arrive import DIALLED, arrived, desk_dialled, truly
from shared.desk.calls.document import edit_call, find_call
from shared.desk.calls.outlook import LAST, Over, left_as
from shared.desk.calls.watch import over
from shared.desk.services import Services
from shared.domain.call_rooms import Whose, call_in, call_of_room, is_caller, picked_up, read_metadata
from shared.domain.calls import Call, is_live
from shared.domain.errors import Permanent
from shared.domain.events import CallReported, InRoom
from shared.domain.instants import stamp

log = logging.getLogger(__name__)

COMES = timedelta(seconds=3)
"""After a caller came it is looked whether somebody carries the call."""

GOES, BACK = timedelta(seconds=10), timedelta(seconds=30)
"""Whoever carries a call has so long to end it, with its figures, after the caller left for good; and so long
where they may be back on a new connection.
"""

FOR_GOOD = ("CLIENT_INITIATED", "USER_UNAVAILABLE", "USER_REJECTED", "SIP_TRUNK_FAILURE")
"""LiveKit's words for leaving that mean it; after others they may be back on a new connection."""

SAYS_WHY = timedelta(seconds=3)
"""Whoever dialled has so long to say why a telephone turned the call away; the webhook does not tell."""

HUNG_UP = "they hung up as soon as they had picked up"

TURNS = timedelta(seconds=2)
"""After an agent left it is looked whether another came in its place."""


async def record_call_report(services: Services, event: CallReported) -> None:
    """Take one fact. A telephone call that came in begins here too, should no worker have been there.

    Told twice, it changes nothing the second time. Raises Transient where store or LiveKit is busy.
    """
    whose = read_metadata(event.metadata)
    someone = event.participant
    of_rule = whose is None or not whose.call  # a room that LiveKit's own rule made for a telephone
    if of_rule and someone and DIALLED in _telephone(someone):
        tells = _came_in if event.what == "joined" else _dialled
        whose = await tells(services, event, someone)
    elif whose is not None:
        whose = await truly(services, event.room, whose)
    if whose is None:
        return
    call = await find_call(services.tenant(whose.tenant), call_in(event.room, whose))
    if call is None or not is_live(call) or call.room != event.room:
        return
    if event.what == "left" and someone:
        await _left(services, whose.tenant, call, someone)
    elif event.what == "joined" and someone and is_caller(someone.identity, someone.kind):
        await _look(services, whose.tenant, call, COMES)
    elif event.what == "room_finished":
        await _look(services, whose.tenant, call, GOES, look=LAST)


def _telephone(someone: InRoom) -> dict[str, str]:
    return someone.attributes if someone.kind == "sip" else {}


async def _came_in(services: Services, event: CallReported, someone: InRoom) -> Whose | None:
    try:
        published, call = await arrived(services, event.room, someone.attributes)
    except Permanent as error:
        call_id = call_of_room(event.room)  # the room's own name holds the caller's number
        log.warning("call.of_nobody", extra={"call": call_id, "why": str(error)})
        return None
    return Whose(tenant=published.tenant, desk=published.desk, call=call.id)


async def _dialled(services: Services, _: CallReported, someone: InRoom) -> Whose | None:
    with suppress(Permanent):
        published = await desk_dialled(services, someone.attributes)
        return Whose(tenant=published.tenant, desk=published.desk)
    return None


async def _left(services: Services, tenant: str, call: Call, someone: InRoom) -> None:
    """End a call whose other side left for good while nobody carried it; else look what becomes of it."""
    if someone.kind == "agent":
        await _look(services, tenant, call, TURNS)
    elif is_caller(someone.identity, someone.kind):
        for_good = someone.reason in FOR_GOOD
        if not for_good or (call.job and call.state != "dialling"):
            await _look(services, tenant, call, GOES if for_good else BACK, look=LAST)
            return
        step = Over(left_as(call, someone.reason), f"the other side left: {someone.reason}")
        if call.state == "dialling":
            answered = picked_up(someone.kind, someone.attributes, someone.reason)
            call = await _noted(services, tenant, call, someone.reason, answered=answered)
            if someone.reason == "USER_REJECTED" and not answered:
                await _look(services, tenant, call, SAYS_WHY, look=LAST)
                return
            step = Over("abandoned", HUNG_UP) if answered else step
        published = await services.versions.published(call.desk)
        await over(services, services.tenant(tenant), call, step, published.config if published else None)


async def _noted(services: Services, tenant: str, call: Call, reason: str, *, answered: bool) -> Call:
    """The call with what is known of the telephone that left: that it was answered, or why it was not."""

    def edit(before: Call, now: datetime) -> Call | None:
        if before.state != "dialling":
            return None
        if answered:
            return msgspec.structs.replace(before, state="active", answered_at=stamp(now))
        return msgspec.structs.replace(before, left=reason)

    return await edit_call(services, tenant, call.id, edit)


async def _look(services: Services, tenant: str, call: Call, after: timedelta, *, look: int = 1) -> None:
    alarm = watch_alarm(tenant, call.id, services.ports.clock.now(), after, look=look)
    await services.ports.timers.set(alarm.name, alarm.due, alarm.handler, alarm.payload)
