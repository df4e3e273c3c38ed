"""Records what a customer edited or withdrew.

Trigger: [message-changed]. Publishes: nothing.
Roles: datastore.user.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.reports import record_change
from shared.domain.events import MessageChanged


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact."""
    return await told(request, bootstrap.process(), MessageChanged, record_change)
