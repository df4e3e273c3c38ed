"""Every REST resource, one module each: the list a resource is added to."""

from starlette.routing import Router

from shared.api import callbacks, conversations, desks, health, humans, inbox, sent_files, tickets, turns
from shared.api.entry import from_here
from shared.api.signed_in import signed_in
from shared.config.board import DeskBoard
from shared.desk.services import Services
from shared.security.sessions import Sessions


def resources(services: Services, board: DeskBoard, *, local: bool) -> Router:
    """The paths below /api/v1, and whether this process is ready."""
    ports, versions = services.ports, services.versions
    sessions, here = Sessions(services.platform, ports.clock), from_here(versions, local_only_open=local)
    enter, enter_or_here = signed_in(sessions, versions), signed_in(sessions, versions, otherwise=here)
    return Router(
        [
            *health.routes(ports),
            *desks.routes(live=ports.live, board=board, local_only_open=local),
            *turns.routes(ports=ports, desks=versions, local_only_open=local),
            *conversations.routes(services, enter_or_here),
            *inbox.routes(services, enter_or_here),
            *sent_files.routes(services),
            *tickets.routes(services, enter),
            *callbacks.routes(services, enter),
            *humans.routes(services, enter),
        ]
    )
