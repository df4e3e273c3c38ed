"""Records what a customer wrote.

Trigger: [message-received]. Publishes: [media-waiting], [reply-ready], [run-due], [happened],
[message-changed], [delivery-reported].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.record import record_message
from shared.domain.events import MessageReceived


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact."""
    return await told(request, bootstrap.process(), MessageReceived, record_message)
