"""Begins the runs whose time has come by the clock of their desk.

Trigger: schedule, every minute. Publishes: [run-due].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import swept
from shared.desk.runs.triggers import sweep_runs


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Sweep once."""
    return await swept(request, bootstrap.process(), sweep_runs)
