"""Lets colleagues into a live call: to listen unheard, or to speak, which silences the desk."""

from shared.desk.calls.document import find_call
from shared.desk.calls.enter import Entrance
from shared.desk.calls.rooms import people_in
from shared.desk.services import Services
from shared.desk.take import take
from shared.domain.call_rooms import LISTENER, PERSON, Pass, is_caller
from shared.domain.calls import Call, is_live
from shared.domain.colleagues import Actor
from shared.domain.errors import NotThere, Permanent
from shared.domain.identity import new_id


async def listen(services: Services, tenant: str, call: str, *, by: Actor) -> Entrance:
    """The way into a call for a colleague who only listens and whom nobody in it sees.

    Raises NotThere, Permanent where it is over or nobody has come yet, NotConnected, Transient.
    """
    live = await live_call(services, tenant, call)
    await _check_come(services, live)
    identity = f"{LISTENER}{by.id}-{new_id()[:8]}"  # several windows of one colleague put no other out
    return _entrance(services, live, Pass(room=live.room, identity=identity, speaks=False, hidden=True))


async def join(services: Services, tenant: str, call: str, *, by: Actor) -> Entrance:
    """The way into a call for a colleague who speaks; the conversation is theirs and the desk falls silent.

    Raises NotThere, Contested where a colleague has it, Permanent where it is over or nobody has come
    yet, NotConnected, Transient.
    """
    live = await live_call(services, tenant, call)
    services.livekit()
    await _check_come(services, live)
    await take(services, tenant, live.conversation, by=by)
    return _entrance(services, live, Pass(room=live.room, identity=f"{PERSON}{by.id}", name=by.name))


async def live_call(services: Services, tenant: str, call: str) -> Call:
    """A call that is under way. Raises NotThere, Permanent where it is over."""
    found = await find_call(services.tenant(tenant), call)
    if found is None:
        raise NotThere(f"call {call} is unknown; look at the list of calls")
    if not is_live(found):
        raise Permanent("this call is over; its words are in its conversation")
    return found


async def _check_come(services: Services, call: Call) -> None:
    """Raises Permanent where the other side has not come yet.

    A room that LiveKit makes for a colleague's token has no agent, unlike one it makes for the caller's.
    """
    if call.state in ("waiting", "dialling"):
        people = await people_in(services, call.room) or ()
        if not any(is_caller(one.identity, one.kind) for one in people):
            raise Permanent("nobody is in this call yet; try again once they have come")


def _entrance(services: Services, call: Call, wanted: Pass) -> Entrance:
    livekit = services.livekit()
    return Entrance(url=livekit.url, token=livekit.token(wanted), room=call.room, call=call.id)
