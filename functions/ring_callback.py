"""Brings a promised callback up when it is due.

Trigger: timer. Publishes: [happened].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import rung
from shared.desk.callbacks import ring_callback


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one timer's call."""
    return await rung(request, bootstrap.process(), ring_callback)
