"""Every REST resource, one module each: the list a resource is added to."""

from starlette.applications import Starlette

from shared.api import (
    agents,
    callbacks,
    calls,
    campaigns,
    conversations,
    desks,
    health,
    hooks,
    humans,
    inbox,
    outreach,
    planned_calls,
    runs,
    sent_files,
    surveys,
    tickets,
    turns,
    workflow_outcomes,
    workflow_versions,
    workflows,
)
from shared.api.entry import from_here
from shared.api.problems import HANDLERS
from shared.api.signed_in import signed_in
from shared.config.board import DeskBoard
from shared.desk.services import Services
from shared.security.sessions import Sessions


def resources(services: Services, board: DeskBoard, *, local: bool) -> Starlette:
    """The paths below /api/v1, and whether this process is ready; any other is told as a problem."""
    ports, versions = services.ports, services.versions
    sessions, here = Sessions(services.platform, ports.clock), from_here(versions, local_only_open=local)
    enter, enter_or_here = signed_in(sessions, versions), signed_in(sessions, versions, otherwise=here)
    return Starlette(
        exception_handlers=HANDLERS,
        routes=[
            *health.routes(ports),
            *desks.routes(live=ports.live, board=board, local_only_open=local),
            *turns.routes(ports=ports, desks=versions, local_only_open=local),
            *conversations.routes(services, enter_or_here),
            *inbox.routes(services, enter_or_here),
            *sent_files.routes(services),
            *tickets.routes(services, enter),
            *callbacks.routes(services, enter),
            *campaigns.routes(services, enter),
            *surveys.routes(services, enter),
            *outreach.routes(services, enter),
            *planned_calls.routes(services, enter),
            *calls.routes(services, enter),
            *agents.routes(services, enter_or_here),
            *humans.routes(services, enter),
            *workflows.routes(services, enter_or_here),
            *workflow_versions.routes(services, enter_or_here),
            *workflow_outcomes.routes(services, enter_or_here),
            *runs.routes(services, enter_or_here),
            *hooks.routes(services),
        ],
    )
