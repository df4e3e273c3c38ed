"""Advances a run of a workflow.

Trigger: [run-due], timer. Publishes: [run-due], [reply-ready], [happened].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer, secretmanager.secretAccessor,
storage.objectUser.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.runs.advance import advance_run
from shared.domain.events import RunDue


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact, or one timer's call."""
    return await told(request, bootstrap.process(), RunDue, advance_run)
