"""Every page there is, one module each: the list a page is added to."""

from starlette.routing import Route, Router

from shared.config.board import DeskBoard
from shared.console import doorway, join, pages, people, presence, profile
from shared.console.businesses import Businesses
from shared.console.frame import Frame
from shared.desk.services import Services
from shared.domain.colleagues import Actor, Colleague, Presence
from shared.security import staff
from shared.security.invitations import Invitations
from shared.security.sign_in import Door


def site(services: Services, board: DeskBoard, *, address: str, local: bool) -> Router:
    """The first pages and the console; `address` is empty where it is the one a page has."""
    platform, ports = services.platform, services.ports
    door, invitations = Door(platform, ports.clock), Invitations(platform, ports.clock)
    frame = Frame(
        sessions=door.sessions,
        businesses=Businesses(services.versions, ports.clock),
        live=ports.live,
        clock=ports.clock,
        proxied=not local,
    )

    async def beat(tenant: str, by: Actor) -> Colleague:
        return await staff.present(services.tenant(tenant), by, ports.clock.now(), None)

    async def become(tenant: str, said: Presence, by: Actor) -> Colleague:
        return await staff.present(services.tenant(tenant), by, ports.clock.now(), said)

    sections: list[Route] = [
        *people.routes(frame, invitations, address=address),
        *profile.routes(frame, door),
        *presence.routes(frame, beat=beat, become=become),
    ]
    return Router(
        [
            *pages.routes(board=board, desks=services.versions, local_only_open=local),
            *frame.assets.routes(),
            *join.routes(frame, invitations),
            *sections,
            *doorway.routes(frame, door),
        ]
    )
