"""Gives a conversation back to the desk when the person who has it has been silent for long."""

from shared.desk.commit import head_path, read_head
from shared.desk.hand_back import hand_back
from shared.desk.services import Services
from shared.domain.errors import Permanent


async def end_takeover(services: Services, tenant: str, conversation: str, tended_at: str) -> None:
    """Hand it back, unless a person tended it after `tended_at`, or has it no more."""
    head = read_head(await services.tenant(tenant).get(head_path(conversation)))
    if head is None or head.state != "human_active" or head.tended_at != tended_at:
        return  # an old generation: whoever tended it since set their own alarm
    try:
        await hand_back(services, tenant, conversation, tended_at=tended_at)
    except Permanent:
        return  # somebody ended it meanwhile
