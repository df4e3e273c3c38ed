"""Keeps calls in step with their rooms.

Trigger: [call-reported]. Publishes: [happened].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.calls.report import record_call_report
from shared.domain.events import CallReported


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact."""
    return await told(request, bootstrap.process(), CallReported, record_call_report)
