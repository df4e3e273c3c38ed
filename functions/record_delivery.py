"""Records how far a message came.

Trigger: [delivery-reported]. Publishes: [reply-ready], [happened].
Roles: datastore.user, pubsub.publisher.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.reports import record_delivery
from shared.domain.events import DeliveryReported


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact."""
    return await told(request, bootstrap.process(), DeliveryReported, record_delivery)
