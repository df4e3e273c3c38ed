"""Proposes what a person leaves the desk when they give a conversation back: a summary, the promises."""

import logging
from dataclasses import dataclass

from shared.desk.commit import head_path, message_path, read_head, read_message
from shared.desk.services import Services
from shared.desk.spending import within_budget
from shared.desk.transcript import readable
from shared.domain.conversation import Head, Message
from shared.domain.errors import FrontdeskError
from shared.models.hand_back import hand_back_request, read_hand_back
from shared.models.offline.handing_back import left_by_people
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)

LATEST = 40
"""So many messages are looked at; a person's part of a conversation is rarely longer."""

_SPEAKERS = {"customer": "Customer", "human": "Colleague", "desk": "Desk"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a person may change before they hand back."""

    summary: str = ""
    promises: tuple[str, ...] = ()


async def propose(services: Services, tenant: str, conversation: str) -> Proposal:
    """The proposal for a conversation as it stands, empty where no person has spoken.

    By the desk's fast model; where that cannot be asked, by rules.
    """
    store = services.tenant(tenant)
    head = read_head(await store.get(head_path(conversation)))
    talk = await _talk(store, conversation, head) if head else ""
    if head is None or not talk:
        return Proposal()
    try:
        return await _asked(services, store, conversation, head, talk)
    except FrontdeskError as error:
        log.warning("hand_back.by_rules", extra={"family": type(error).__name__})
    left = left_by_people(talk)
    promises = left["promises"]
    return Proposal(str(left["summary"]), tuple(promises) if isinstance(promises, list) else ())


async def _asked(
    services: Services, store: TenantStore, conversation: str, head: Head, talk: str
) -> Proposal:
    published = await services.versions.published(head.desk)
    if published is None:
        return Proposal()
    request, route = hand_back_request(talk), services.models.route("fast")
    config = published.config
    async with within_budget(
        services, store, config=config, conversation=conversation, request=request, routes=(route,)
    ) as allowed:
        await allowed
        return Proposal(*read_hand_back(await route.answer(request)))


async def _talk(store: TenantStore, conversation: str, head: Head) -> str:
    """The talk since people last left it to the desk, as lines; empty where no person spoke in it."""
    first = max(1, head.last - LATEST + 1)
    found = await store.get_many([message_path(conversation, seq) for seq in range(first, head.last + 1)])
    messages = [read_message(document) for document in found if document]
    spoken = [one for one in messages if not one.withdrawn and one.status not in ("suppressed", "failed")]
    begins = next(
        (at for at, one in enumerate(spoken) if one.author == "human" and one.at > head.back_at), None
    )
    if begins is None:
        return ""
    return "\n".join(map(_line, spoken[max(0, begins - 3) :]))


def _line(message: Message) -> str:
    return f"{_SPEAKERS[message.author]}: {' '.join(readable(message.content).split())}"
