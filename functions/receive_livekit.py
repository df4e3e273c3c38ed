"""Receives LiveKit's webhooks about rooms of calls.

Trigger: HTTP. Publishes: [call-reported].
Roles: pubsub.publisher, datastore.viewer, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.receive import receive
from shared.channels.registry import channel_named


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take a webhook."""
    reception = bootstrap.process().reception("room", "livekit_signers")
    return await receive(request, channel_named("room", "livekit_web"), reception)
