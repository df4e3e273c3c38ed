"""Decides what became of a send nobody reported on.

Trigger: timer. Publishes: [reply-ready], [happened], [message-changed], [delivery-reported].
Roles: datastore.user, pubsub.publisher, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import rung
from shared.desk.outcome import resolve_send


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one timer's call."""
    return await rung(request, bootstrap.process(), resolve_send)
