"""Takes a campaign a step further.

Trigger: timer. Publishes: [reply-ready], [happened].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import rung
from shared.desk.campaigns.advance import advance_campaign


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one timer's step."""
    return await rung(request, bootstrap.process(), advance_campaign)
