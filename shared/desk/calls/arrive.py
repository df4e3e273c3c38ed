"""A telephone call that came in by LiveKit's own rule: whose it is, by the number that was dialled."""

from collections.abc import Mapping
from contextlib import suppress

from shared.config.versions import Published
from shared.desk.calls.begin import Ringing, begin
from shared.desk.calls.document import find_call
from shared.desk.calls.rooms import people_in
from shared.desk.services import Services
from shared.domain.call_rooms import Whose, call_of_room
from shared.domain.calls import Call
from shared.domain.errors import Permanent
from shared.domain.identity import digest

DIALLED, CALLING, NETWORK_CALL = "sip.trunkPhoneNumber", "sip.phoneNumber", "sip.callID"
"""Attributes of a telephone in a room, which its network sets."""


async def desk_dialled(services: Services, attributes: Mapping[str, str]) -> Published:
    """The desk whose number was dialled, by a telephone's attributes. Raises Permanent where none has it."""
    dialled = _number(attributes.get(DIALLED, ""))
    route = await services.versions.route("phone", dialled)
    published = await services.versions.published(route[1]) if route else None
    if published is None:
        raise Permanent(f"no desk has the number {dialled or '(none)'}; add it to channels.phone.numbers")
    return published


async def truly(services: Services, room: str, whose: Whose) -> Whose:
    """Whose a room of LiveKit's own rule is, by the number that was dialled, while its telephone is there.

    The rule itself names one desk, also where desks share a trunk. Raises Transient.
    """
    if whose.call or await find_call(services.tenant(whose.tenant), call_of_room(room)):
        return whose
    for one in await people_in(services, room) or ():
        if one.kind == "sip" and DIALLED in one.attributes:
            with suppress(Permanent):
                published = await desk_dialled(services, one.attributes)
                return Whose(tenant=published.tenant, desk=published.desk, call=call_of_room(room))
    return whose


async def arrived(services: Services, room: str, attributes: Mapping[str, str]) -> tuple[Published, Call]:
    """The desk whose number was dialled, and the call, begun now or found as it began.

    `attributes` are those of a participant of kind sip; whoever tells of the same room finds the same call.
    Raises Permanent where no desk has the number, or where it has no voice.
    """
    published, call = await desk_dialled(services, attributes), call_of_room(room)
    ringing = Ringing(
        id=call,
        direction="inbound",
        account=_number(attributes.get(DIALLED, "")),
        contact=_number(attributes.get(CALLING, "")) or f"hidden-{digest('hidden caller', room)[:8]}",
        room=room,
        sip_call=attributes.get(NETWORK_CALL, ""),
    )
    return published, await begin(services, published, ringing)


def _number(told: str) -> str:
    """A number as desks' files write it; empty where a network hides it."""
    digits = told.strip().removeprefix("+")
    return f"+{digits}" if digits.isascii() and digits.isdigit() else ""
