"""The yardstick of every door: a handler that answers 200 and does nothing."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response


@functions_framework.aio.http
async def handle(request: Request) -> Response:  # noqa: ARG001
    """200, with no body read."""
    return Response()
