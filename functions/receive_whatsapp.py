"""Receives WhatsApp's webhooks from Meta.

Trigger: HTTP. Publishes: [message-received] [echo-received] [message-changed] [delivery-reported].
Roles: pubsub.publisher, datastore.viewer, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.receive import receive
from shared.api.subscribe import subscribe
from shared.channels.registry import channel_named


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Answer Meta's handshake, or take a webhook."""
    if request.method == "GET":
        return subscribe(request, bootstrap.process().settings.meta_verify_token)
    reception = bootstrap.process().reception("whatsapp", "meta_app_secret")
    return await receive(request, channel_named("whatsapp", "meta"), reception)
