"""Every page there is, one module each: the list a page is added to."""

from functools import partial

from starlette.routing import Route, Router

from shared.config.board import DeskBoard
from shared.console import (
    callbacks,
    desk_edit,
    desks,
    doorway,
    inbox,
    join,
    notices,
    pages,
    people,
    presence,
    profile,
    proposals,
    saying,
    supervisor,
    taking,
    tickets,
)
from shared.console.businesses import Businesses
from shared.console.frame import Frame
from shared.desk.presence import heartbeat, set_presence
from shared.desk.services import Services
from shared.desk.staff import staff_changed
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

    post = inbox.Inbox(services)
    sections: list[Route] = [
        *inbox.routes(frame, post),
        *taking.routes(frame, taking.Taking(services, post)),
        *saying.routes(frame, saying.Saying(services, post)),
        *tickets.routes(frame, services),
        *supervisor.routes(frame, services),
        *callbacks.routes(frame, services),
        *desks.routes(frame, services, board),
        *desk_edit.routes(frame, services, board),
        *proposals.routes(frame, services),
        *people.routes(frame, invitations, partial(staff_changed, services), address=address),
        *profile.routes(frame, door),
        *notices.routes(frame, services),
        *presence.routes(frame, beat=partial(heartbeat, services), become=partial(set_presence, services)),
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
