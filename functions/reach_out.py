"""Says what the desk has to say of its own accord, when it is due and they may be reached.

Trigger: timer. Publishes: [reply-ready].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import rung
from shared.desk.outreach.reach import reach_out


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one timer's outreach."""
    return await rung(request, bootstrap.process(), reach_out)
