"""Every REST resource, one module each: the list a resource is added to."""

from functools import partial

from starlette.routing import Router

from shared.api import conversations, desks, health, turns
from shared.config.board import DeskBoard
from shared.desk.hand_back import hand_back
from shared.desk.services import Services


def resources(services: Services, board: DeskBoard, *, local: bool) -> Router:
    """The paths below /api/v1, and whether this process is ready."""
    ports, versions = services.ports, services.versions
    return Router(
        [
            *health.routes(ports),
            *desks.routes(live=ports.live, board=board, local_only_open=local),
            *turns.routes(ports=ports, desks=versions, local_only_open=local),
            *conversations.routes(versions, partial(hand_back, services), local_only_open=local),
        ]
    )
