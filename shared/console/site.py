"""Every page there is, one module each: the list a page is added to."""

from functools import partial

from starlette.routing import Route, Router

from shared.config.board import DeskBoard
from shared.console import (
    callbacks,
    calls,
    campaigns,
    desk_edit,
    desks,
    dialling,
    doorway,
    inbox,
    join,
    notices,
    on_call,
    pages,
    people,
    presence,
    profile,
    proposals,
    run_page,
    runs,
    saying,
    scheduled,
    supervisor,
    surveys,
    taking,
    tickets,
    workflow_pages,
    workflow_versions,
)
from shared.console.businesses import Businesses
from shared.console.frame import Frame
from shared.desk.presence import heartbeat, set_presence
from shared.desk.services import Services
from shared.desk.skills import sought
from shared.security.invitations import Invitations
from shared.security.sign_in import Door


def site(services: Services, board: DeskBoard, *, address: str, local: bool, livekit: str = "") -> Router:
    """The first pages and the console; `address` is empty where it is the one a page has.

    `livekit` is the address that carries calls, empty where none does.
    """
    platform, ports = services.platform, services.ports
    door, invitations = Door(platform, ports.clock), Invitations(platform, ports.clock)
    frame = Frame(
        sessions=door.sessions,
        businesses=Businesses(services.versions, ports.clock),
        live=ports.live,
        clock=ports.clock,
        livekit=livekit,
        proxied=not local,
    )

    post = inbox.Inbox(services)
    sections: list[Route] = [
        *inbox.routes(frame, post),
        *on_call.routes(frame, on_call.OnCall(services, post)),
        *taking.routes(frame, taking.Taking(services, post)),
        *saying.routes(frame, saying.Saying(services, post)),
        *tickets.routes(frame, services),
        *supervisor.routes(frame, services),
        *calls.routes(frame, services),
        *campaigns.routes(frame, services),
        *scheduled.routes(frame, services),
        *surveys.routes(frame, services),
        *callbacks.routes(frame, services),
        *dialling.routes(frame, services),
        *runs.routes(frame, services),
        *run_page.routes(frame, services),
        *workflow_pages.routes(frame, services),
        *workflow_versions.routes(frame, services),
        *desks.routes(frame, services, board),
        *desk_edit.routes(frame, services, board),
        *proposals.routes(frame, services),
        *people.routes(frame, invitations, ports, seek=partial(sought, services.versions), address=address),
        *profile.routes(frame, door),
        *notices.routes(frame, services),
        *presence.routes(frame, beat=partial(heartbeat, services), become=partial(set_presence, services)),
    ]
    return Router(
        [
            *pages.routes(board=board, desks=services.versions, local_only_open=local, calls=bool(livekit)),
            *frame.assets.routes(),
            *join.routes(frame, invitations),
            *sections,
            *doorway.routes(frame, door),
        ]
    )
