"""Shows customers that an answer is coming.

Trigger: [turn-started]. Publishes: nothing.
Roles: datastore.viewer, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.show_typing import show_typing
from shared.domain.events import TurnStarted


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact."""
    return await told(request, bootstrap.process(), TurnStarted, show_typing)
