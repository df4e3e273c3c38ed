"""Begins the workflows that a fact starts.

Trigger: [happened]. Publishes: [run-due].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.runs.triggers import begin_by_event
from shared.domain.events import Happened


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact."""
    return await told(request, bootstrap.process(), Happened, begin_by_event)
