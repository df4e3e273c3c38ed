"""Receives text messages' webhooks from Twilio.

Trigger: HTTP. Publishes: [message-received] [delivery-reported].
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
    """Take a webhook; Twilio wants TwiML back, and an empty one says nothing."""
    reception = bootstrap.process().reception("sms", "twilio_auth_token")
    return await receive(request, channel_named("sms", "twilio"), reception, answer="<Response/>")
