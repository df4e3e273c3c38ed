"""Lets colleagues into a live call: to listen unheard, or to speak, which silences the desk."""

from shared.desk.calls.document import find_call
from shared.desk.calls.enter import Entrance
from shared.desk.services import Services
from shared.desk.take import take
from shared.domain.call_rooms import LISTENER, PERSON, Pass
from shared.domain.calls import Call, is_live
from shared.domain.colleagues import Actor
from shared.domain.errors import NotThere, Permanent
from shared.domain.identity import new_id


async def listen(services: Services, tenant: str, call: str, *, by: Actor) -> Entrance:
    """The way into a call for a colleague who only listens and whom nobody in it sees.

    Raises NotThere, Permanent where it is over or nobody has answered yet, NotConnected.
    """
    live = await live_call(services, tenant, call)
    identity = f"{LISTENER}{by.id}-{new_id()[:8]}"  # several windows of one colleague put no other out
    return _entrance(services, live, Pass(room=live.room, identity=identity, speaks=False, hidden=True))


async def join(services: Services, tenant: str, call: str, *, by: Actor) -> Entrance:
    """The way into a call for a colleague who speaks; the conversation is theirs and the desk falls silent.

    Raises NotThere, Contested where a colleague has it, Permanent where it is over, NotConnected.
    """
    live = await live_call(services, tenant, call)
    services.livekit()
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


def _entrance(services: Services, call: Call, wanted: Pass) -> Entrance:
    livekit = services.livekit()
    return Entrance(url=livekit.url, token=livekit.token(wanted), room=call.room, call=call.id)
