"""Finds somebody for a handover: offers it, waits, or does what is said for nobody.

Trigger: timer. Publishes: [reply-ready], [happened].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import rung
from shared.desk.route_handover import route_handover


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one timer's call."""
    return await rung(request, bootstrap.process(), route_handover)
