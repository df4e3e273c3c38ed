"""Gives a call to a person who was rung on a telephone, and takes it back when they hang up."""

from shared.desk.hand_back import hand_back
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change
from shared.desk.take import AWAITED, taken
from shared.domain.conversation import Head

WHY = "answered on the telephone"


async def took_by_telephone(services: Services, tenant: str, conversation: str) -> bool:
    """Whether the call is theirs now; False where a colleague took it first, or nobody is asked for any more.

    Raises Transient where contention does not end.
    """
    given = False

    def decide(scene: Scene) -> Move | None:
        nonlocal given
        given = scene.head.state in AWAITED
        return taken(tenant, conversation, scene, to="", why=WHY) if given else None

    await change(services, services.tenant(tenant), conversation, decide)
    return given


async def hung_up_telephone(services: Services, tenant: str, conversation: str) -> Head:
    """Give the word back to the desk. Raises Permanent where no person has it."""
    return await hand_back(services, tenant, conversation, summary="They spoke with the caller by telephone.")
