"""Follows up what happened, by the rules of the desk's file.

Trigger: [happened]. Publishes: [reply-ready].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.outreach.follow_up import follow_up
from shared.domain.events import Happened


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact."""
    return await told(request, bootstrap.process(), Happened, follow_up)
