"""Serves the REST resources, and whether this process is alive and ready.

Trigger: HTTP. Publishes: [reply-ready], [run-due], [happened].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer, storage.objectUser,
secretmanager.secretAccessor.
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
    return Delegated(await bootstrap.process().site(sites.api))
