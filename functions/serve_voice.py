"""Serves the browser's voice room: its page, and the tokens that let callers in.

Trigger: HTTP. Publishes: [happened].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer, secretmanager.secretAccessor.
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
    return Delegated(await bootstrap.process().site(sites.voice))
