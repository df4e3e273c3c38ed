"""Sends another job to a call whose own is dead or goes; of several who see it, one does."""

import logging
from datetime import datetime

import msgspec

from shared.desk.calls.alarms import watch_alarm
from shared.desk.calls.arrive import truly
from shared.desk.calls.document import edit_call
from shared.desk.calls.outlook import SOON, Over
from shared.desk.calls.watch import over
from shared.desk.services import Services
from shared.domain.call_rooms import Whose, call_of_room
from shared.domain.calls import Call, is_live
from shared.domain.errors import FrontdeskError
from shared.domain.workers import Carried
from voice_service.whose_call import DIED, MOVED

log = logging.getLogger(__name__)

DEATHS = 4
"""At so many deaths running without a word between, another job would die as well."""


async def rescue(services: Services, carried: Carried) -> bool:
    """Send another job to a call whose job is dead; False where it is over or another took it.

    The call's job is cleared in one commit, so that whoever else sees its end finds nothing to do; the watch
    looks soon whether the other came. Where job after job dies the caller is told and people call back; a
    person who speaks with them is let be. Raises Transient where store or LiveKit is busy.
    """
    carried, cleared = await _truly(services, carried), False

    def without(call: Call, _: datetime) -> Call | None:
        nonlocal cleared
        cleared = is_live(call) and call.job == carried.job
        gone = {"job": "", "worker": "", "deaths": call.deaths + 1}
        return msgspec.structs.replace(call, **gone) if cleared else None

    looked_at = watch_alarm(carried.tenant, carried.call, services.ports.clock.now(), SOON)
    call = await edit_call(services, carried.tenant, carried.call, without, intents=[looked_at])
    if cleared and call.deaths < DEATHS:
        await _dispatch(services, carried, DIED)
    elif cleared and call.state != "with_person":
        await let_down(services, carried.tenant, call, "every job that took the call died")
    return cleared and call.deaths < DEATHS


async def let_down(services: Services, tenant: str, call: Call, reason: str) -> None:
    """End a call that nothing of ours can carry: its caller is told, and a ticket has people call back."""
    published = await services.versions.published(call.desk)
    config = published.config if published else None
    log.error("call.let_down", extra={"call": call.id, "why": reason})
    await over(services, services.tenant(tenant), call, Over("failed", reason, tell=True), config)


async def move(services: Services, carried: Carried) -> None:
    """Send another job to a call whose worker stops; its own talks on until the other has it."""
    await _dispatch(services, await _truly(services, carried), MOVED)


async def _truly(services: Services, carried: Carried) -> Carried:
    """As the call is: in a room of LiveKit's own rule the job was sent for whomever the rule names."""
    if carried.call != call_of_room(carried.room):
        return carried
    whose = await truly(services, carried.room, Whose(tenant=carried.tenant, desk=carried.desk))
    return msgspec.structs.replace(carried, tenant=whose.tenant, desk=whose.desk)


async def _dispatch(services: Services, carried: Carried, why: str) -> None:
    whose = Whose(tenant=carried.tenant, desk=carried.desk, call=carried.call)
    await services.livekit().dispatch(carried.room, {**whose.written(), "why": why})
    log.warning("call.sent_on", extra={"call": carried.call, "why": why})


async def rescued(services: Services, carried: Carried) -> bool:
    """The same as `rescue`; False also where it could not be done, which is told."""
    try:
        return await rescue(services, carried)
    except FrontdeskError as error:
        log.warning("call.not_sent_on", extra={"call": carried.call, "why": str(error)})
        return False
