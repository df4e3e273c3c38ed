"""Relays what a crash left in an outbox, and timers that lay too far ahead.

Trigger: schedule, every minute. Publishes: whatever was left.
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import swept
from shared.desk.sweep import sweep_outbox


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Sweep once."""
    return await swept(request, bootstrap.process(), sweep_outbox)
