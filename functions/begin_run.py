"""Begins a run of a workflow that somebody or something asked for.

Trigger: [run-wanted]. Publishes: [run-due].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.runs.triggers import begin_run
from shared.domain.events import RunWanted


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact."""
    return await told(request, bootstrap.process(), RunWanted, begin_run)
