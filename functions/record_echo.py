"""Records what the business's side wrote elsewhere.

Trigger: [echo-received]. Publishes: [happened].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.reports import record_echo
from shared.domain.events import EchoReceived


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact."""
    return await told(request, bootstrap.process(), EchoReceived, record_echo)
