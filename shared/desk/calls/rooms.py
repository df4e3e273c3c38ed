"""A call's room at LiveKit: how it is made, and who is in it."""

from shared.desk.services import Services
from shared.domain.call_rooms import Participant, RoomPlan, Whose


def plan_of(tenant: str, desk: str, call: str = "") -> RoomPlan:
    """The plan of a call's room: signed by us, and the agent comes by itself."""
    return RoomPlan(metadata=Whose(tenant=tenant, desk=desk, call=call).written())


async def people_in(services: Services, room: str) -> tuple[Participant, ...] | None:
    """Who is in a room; None where there is no such room. Raises NotConnected, Transient."""
    livekit = services.livekit()
    people = await livekit.participants(room)
    return people if people or await livekit.rooms([room]) else None
