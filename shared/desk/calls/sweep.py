"""Reconciles calls with the rooms there are: LiveKit's tellings get lost, and so do timers."""

from contextlib import suppress
from datetime import timedelta

from shared.desk.calls.arrive import DIALLED, arrived
from shared.desk.calls.document import find_call
from shared.desk.calls.rooms import people_in
from shared.desk.calls.watch import watch_call
from shared.desk.services import Services
from shared.domain.call_rooms import Room, Whose, call_in, is_caller, read_metadata
from shared.domain.calls import LIVE, is_live
from shared.domain.errors import NotConnected, Permanent
from shared.ports import Query, Where

PAGE = 100
NEW = timedelta(seconds=60)
"""So long a room may be there before its call is."""


async def sweep_calls(services: Services) -> int:
    """Close rooms whose call is over, take up calls nobody has begun, and look at every live one; how many
    of all these. Without LiveKit there is nothing to do. Raises Transient where it does not answer.
    """
    try:
        livekit = services.livekit()
    except NotConnected:
        return 0
    done = 0
    for room in await livekit.rooms():
        done += await _room(services, room)
    cursor: str | None = None
    while True:
        query = Query(where=(Where("state", "in", list(LIVE)),), limit=PAGE, cursor=cursor)
        page = await services.platform.across_tenants("calls", query)
        for document in page.documents:
            await watch_call(services, document.path.split("/")[1], document.name)
            done += 1
        cursor = page.cursor
        if cursor is None:
            return done


async def _room(services: Services, room: Room) -> bool:
    """Close a room of ours whose call is over, or begin the call in it; False where all is well with it."""
    whose = read_metadata(room.metadata)
    if whose is None:
        return False  # a room of somebody else's
    call = await find_call(services.tenant(whose.tenant), call_in(room.name, whose))
    if call is not None and is_live(call):
        return False
    if call is None and not await _nobodys(services, room, whose):
        return False
    await services.livekit().delete_room(room.name)
    return True


async def _nobodys(services: Services, room: Room, whose: Whose) -> bool:
    """Whether a room without a call is to be closed; a telephone in one of LiveKit's own rule begins it.

    A caller in a room that was signed for a call we do not know is another installation's, which shares
    the project with us.
    """
    people = await people_in(services, room.name) or ()
    callers = [one for one in people if is_caller(one.identity, one.kind)]
    if callers and whose.call:
        return False
    for one in callers:
        if one.kind == "sip" and DIALLED in one.attributes:
            with suppress(Permanent):
                await arrived(services, room.name, one.attributes)
                return False
    published = await services.versions.published(whose.desk)
    ours = published is not None and published.tenant == whose.tenant
    return ours and services.ports.clock.now() - room.since >= NEW
