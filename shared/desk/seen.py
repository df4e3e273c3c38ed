"""Marks what a person has looked at, so that the inbox shows what is new."""

import msgspec

from shared.desk.commit import Change, commit
from shared.desk.services import Services
from shared.domain.colleagues import Actor
from shared.domain.conversation import Head
from shared.domain.errors import NotThere


async def seen(services: Services, tenant: str, conversation: str, *, upto: int, by: Actor) -> Head:
    """Mark the messages up to the sequence `upto` looked at; what came later stays unread.

    Raises Permanent where there is no such conversation.
    """
    known: list[Head] = []

    def decide(head: Head | None, _: int) -> Change | None:
        if head is None:
            raise NotThere(f"conversation {conversation} is unknown; look at the list of conversations")
        known[:] = [head]
        to = min(upto, head.last)
        if to <= head.seen and not (head.unread and to == head.last):
            return None
        # How many of the newer ones are the customer's is not counted: at most all of them.
        left = 0 if to == head.last else min(head.unread, head.last - to)
        return Change(head=msgspec.structs.replace(head, seen=to, unread=left), by=by)

    store = services.tenant(tenant)
    return await commit(services.ports, store, conversation, decide) or known[0]
