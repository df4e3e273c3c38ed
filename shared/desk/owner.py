"""Whose a fact is: the desk that has its account, or else the group of accounts it came by."""

from typing import TypeVar

from msgspec.structs import replace

from shared.desk.services import Services
from shared.domain.events import DeliveryReported, MessageReceived

Fact = TypeVar("Fact", MessageReceived, DeliveryReported)


async def at_its_desk(services: Services, event: Fact) -> tuple[Fact, tuple[str, str]] | None:
    """The fact under the account by which it was found, with tenant and desk; None where no desk has it.

    A number that a desk names wins over the messaging service it belongs to.
    """
    for account in filter(None, (event.account, event.service)):
        if route := await services.versions.route(event.channel, account):
            return replace(event, account=account), route
    return None
