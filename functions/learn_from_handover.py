"""Proposes what a desk could learn when a person has finished what it could not answer.

Trigger: [happened]. Publishes: [happened].
Roles: datastore.user, pubsub.publisher, secretmanager.secretAccessor.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import told
from shared.desk.learn import learn_from_handover
from shared.domain.events import Happened


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one fact."""
    return await told(request, bootstrap.process(), Happened, learn_from_handover)
