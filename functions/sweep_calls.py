"""Reconciles calls with the rooms there are.

Trigger: schedule, every minute. Publishes: [happened].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import swept
from shared.desk.calls.sweep import sweep_calls


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Sweep once."""
    return await swept(request, bootstrap.process(), sweep_calls)
