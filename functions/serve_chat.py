"""Serves web chat: the widget, the page to try a desk, messages, files and events.

Trigger: HTTP. Publishes: [message-received].
Roles: datastore.user, pubsub.publisher, storage.objectUser, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap, sites
from shared.api.delegate import Delegated


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Answer one request."""
    del request  # the router reads it
    return Delegated(await bootstrap.process().site(sites.chat))
