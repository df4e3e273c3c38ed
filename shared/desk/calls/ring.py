"""Rings a telephone of ours: makes the call's room, sends for the agent, and has LiveKit dial."""

from datetime import datetime, timedelta

import msgspec

from shared.config.versions import Published
from shared.desk.calls.document import edit_call
from shared.desk.calls.end import end
from shared.desk.calls.outlook import not_taken_as
from shared.desk.calls.rooms import people_in, plan_of
from shared.desk.services import Services
from shared.domain.call_rooms import CALLER, Dial, NotAnswered, NotDialled
from shared.domain.calls import Call
from shared.domain.errors import NotConnected, Permanent, Transient
from shared.domain.instants import instant, stamp

PASSED_ON = timedelta(seconds=30)
"""LiveKit may pass a request on so long after it came, whether or not the one who asked still waits."""


async def ring(services: Services, published: Published, call: Call) -> None:
    """Have the call's number rung into its room, once, until it is answered; LiveKit tells the rest.

    The agent waits there, and speaks when the participant's `sip.callStatus` is active. Where nobody takes
    the call it ends by what the network says; where it can never be dialled, as failed. Raises Transient
    where LiveKit cannot dial just now, or where it was asked before, nobody knows what came of it, and the
    telephone may ring yet.
    """
    livekit = services.livekit()
    if any(one.identity == CALLER for one in await people_in(services, call.room) or ()):
        return  # it rings already: whoever asked did not hear that
    try:
        trunk = await outgoing_trunk(services, published, call.account)
        await livekit.create_room(call.room, plan_of(published.tenant, published.desk, call.id))
        voice = published.config.voice
        await _dial(
            services,
            published.tenant,
            call,
            Dial(
                room=call.room,
                trunk=trunk,
                number=call.contact,
                shown=call.account,
                identity=CALLER,
                ring_seconds=voice.outbound.ring_seconds,
                most_seconds=voice.max_minutes * 60,
                waits=True,
            ),
        )
    except Transient:
        raise
    except Permanent as error:
        outcome = not_taken_as(error.status) if isinstance(error, NotAnswered) else "failed"
        await end(services, services.tenant(published.tenant), call.id, outcome=outcome, reason=str(error))
        await livekit.delete_room(call.room)


async def _dial(services: Services, tenant: str, call: Call, wanted: Dial) -> None:
    """Dial, having kept that it is done: whatever becomes of the request, two telephones never ring."""
    rings = PASSED_ON + timedelta(seconds=wanted.ring_seconds)

    def dialled(before: Call, now: datetime) -> Call:
        if before.dialled_at and (over := instant(before.dialled_at) + rings) > now:
            wait = (over - now).total_seconds()
            raise Transient(f"call {call.id} was dialled before and may ring yet", retry_after=wait)
        return msgspec.structs.replace(before, dialled_at=stamp(now))

    def undone(before: Call, _: datetime) -> Call:
        return msgspec.structs.replace(before, dialled_at="")

    await edit_call(services, tenant, call.id, dialled)
    try:
        name = await services.livekit().dial(wanted)
    except NotDialled:
        await edit_call(services, tenant, call.id, undone)
        raise

    def named(before: Call, _: datetime) -> Call:
        return msgspec.structs.replace(before, sip_call=name)

    await edit_call(services, tenant, call.id, named)


async def outgoing_trunk(services: Services, published: Published, number: str) -> str:
    """The id of the trunk calls go out by: the one the desk's file names, else the one with its number.

    Raises NotConnected where there is none.
    """
    own = published.config.channels.phone
    named = own.sip_trunk if own else None
    if named and named.startswith("ST_"):
        return named
    for trunk in await services.livekit().trunks("out"):
        if (named and trunk.name == named) or (not named and number in trunk.numbers):
            return trunk.id
    what = f"named {named!r}" if named else f"with the number {number}"
    raise NotConnected(
        f"LiveKit has no outbound trunk {what}; run `frontdesk connect phone --desk {published.desk}`"
    )
