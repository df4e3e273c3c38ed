"""Takes a planned call a step further: dials, tries again, or notes how it ended.

Trigger: timer. Publishes: [happened].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import rung
from shared.desk.calls.place import place_call


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one timer's call."""
    return await rung(request, bootstrap.process(), place_call)
