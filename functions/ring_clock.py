"""Rings when a handover or a ticket is not answered or solved in time.

Trigger: timer. Publishes: [happened].
Roles: datastore.user, pubsub.publisher.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import rung
from shared.desk.clocks import ring_clock


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one timer's call."""
    return await rung(request, bootstrap.process(), ring_clock)
