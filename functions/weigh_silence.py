"""Weighs what follows from a customer's silence.

Trigger: timer. Publishes: [reply-ready].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import rung
from shared.desk.outreach.weigh import weigh_silence


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one timer's silence."""
    return await rung(request, bootstrap.process(), weigh_silence)
