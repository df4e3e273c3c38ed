"""Gives a call to a person who was rung on a telephone, and takes it back when they hang up."""

from shared.desk.hand_back import handed_back
from shared.desk.people_memory import memory_path
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change
from shared.desk.take import AWAITED, taken
from shared.domain.colleagues import DESK
from shared.domain.conversation import Head
from shared.domain.errors import Permanent

WHY = "answered on the telephone"
SPOKE = "They spoke with the caller by telephone."


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
    """Give the word back to the desk.

    Raises Permanent where nobody has it by telephone: it waits for a person, or a colleague has it by name.
    """
    store = services.tenant(tenant)
    before = await store.get(memory_path(conversation))

    def decide(scene: Scene) -> Move:
        if scene.head.state != "human_active" or scene.head.assignee:
            raise Permanent(f"nobody has conversation {conversation} by telephone; it stays with whom it is")
        return handed_back(tenant, conversation, scene, before, by=DESK, summary=SPOKE)

    return await change(services, store, conversation, decide, by=DESK)
