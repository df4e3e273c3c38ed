"""Brings a conversation that was put off back when its time has come.

Trigger: timer. Publishes: [happened].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import rung
from shared.desk.snooze import end_snooze


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one timer's call."""
    return await rung(request, bootstrap.process(), end_snooze)
