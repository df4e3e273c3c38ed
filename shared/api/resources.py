"""Every REST resource, one module each: the list a resource is added to."""

from functools import partial

from starlette.routing import Router

from shared.api import callbacks, conversations, desks, health, humans, tickets, turns
from shared.api.signed_in import signed_in
from shared.config.board import DeskBoard
from shared.desk.hand_back import hand_back
from shared.desk.services import Services
from shared.security.sessions import Sessions


def resources(services: Services, board: DeskBoard, *, local: bool) -> Router:
    """The paths below /api/v1, and whether this process is ready."""
    ports, versions = services.ports, services.versions
    enter = signed_in(Sessions(services.platform, ports.clock), versions)
    return Router(
        [
            *health.routes(ports),
            *desks.routes(live=ports.live, board=board, local_only_open=local),
            *turns.routes(ports=ports, desks=versions, local_only_open=local),
            *conversations.routes(versions, partial(hand_back, services), local_only_open=local),
            *tickets.routes(services, enter),
            *callbacks.routes(services, enter),
            *humans.routes(services, enter),
        ]
    )
