"""Removes files whose time has come, ends runs that stood still, and gathers what the bus gave up on.

Trigger: schedule, every day. Publishes: [run-due].
Roles: datastore.user, storage.objectUser, pubsub.subscriber, pubsub.publisher.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import swept
from shared.desk.sweep import sweep_daily


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Sweep once."""
    return await swept(request, bootstrap.process(), sweep_daily)
