"""Fetches what customers send, before the vendor forgets it.

Trigger: [media-waiting]. Publishes: nothing.
Roles: datastore.user, storage.objectUser, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.fetch_media import fetch_media
from shared.domain.events import MediaWaiting


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact."""
    return await told(request, bootstrap.process(), MediaWaiting, fetch_media)
