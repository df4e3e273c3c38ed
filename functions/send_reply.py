"""Sends the desk's answers.

Trigger: [reply-ready], and its own timer for what has to wait. Publishes: [reply-ready], [happened],
[message-changed], [delivery-reported].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer, secretmanager.secretAccessor,
storage.objectUser.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.deliver import send_reply
from shared.domain.events import ReplyReady


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact."""
    return await told(request, bootstrap.process(), ReplyReady, send_reply)
