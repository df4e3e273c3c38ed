"""What is scheduled for a customer, called off from their card."""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from shared.console.frame import Frame
from shared.console.visit import Visit
from shared.desk.outreach.scheduled import cancel_scheduled, scheduled
from shared.desk.services import Services


@dataclass(frozen=True, slots=True)
class ScheduledCard:
    """The part of the card, and what it changes."""

    services: Services

    async def cancel(self, visit: Visit) -> Response:
        """POST /scheduled/{customer}/{scheduled}/cancel."""
        customer, one = (visit.request.path_params[name] for name in ("customer", "scheduled"))
        await cancel_scheduled(self.services, visit.tenant, customer, one, by=visit.actor)
        coming = await scheduled(self.services, visit.tenant, customer)
        return visit.fragment("console/coming.html", toast="Cancelled; nothing is said.", coming=coming)


def routes(frame: Frame, services: Services) -> list[Route]:
    """What the card asks for."""
    card = ScheduledCard(services)
    return [frame.post("/scheduled/{customer}/{scheduled}/cancel", card.cancel)]
