"""Answers a conversation.

Trigger: timer. Publishes: [reply-ready] [turn-started] [run-wanted] [run-due] [happened].
Roles: datastore.user, pubsub.publisher, cloudtasks.enqueuer, secretmanager.secretAccessor,
storage.objectUser.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import bootstrap
from shared.api.told import rung
from shared.desk.take_turn import take_turn


@functions_framework.aio.http
async def handle(request: Request) -> Response:
    """Take one timer's call."""
    return await rung(request, bootstrap.process(), take_turn)
