"""Notes what happened, for people and for what will follow from it.

Trigger: [happened]. Publishes: nothing.
Roles: datastore.user.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.observe import observe
from shared.domain.events import Happened


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact."""
    return await told(request, bootstrap.process(), Happened, observe)
