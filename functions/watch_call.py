"""Looks whether somebody carries a live call, and acts where nobody does.

Trigger: timer. Publishes: [happened].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import rung
from shared.desk.calls.watch import watch_call


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one timer's call."""
    return await rung(request, bootstrap.process(), watch_call)
