"""Tells people what happened, in their browsers and by signed webhooks.

Trigger: [happened]. Publishes: nothing.
Roles: datastore.user, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.notify import notify_people
from shared.domain.events import Happened


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact."""
    return await told(request, bootstrap.process(), Happened, notify_people)
