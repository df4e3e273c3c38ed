"""Gives a conversation that a person has back to its desk, from a page of this machine."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.api.problems import Refused, answering
from shared.config.versions import Versions
from shared.domain.conversation import Head
from shared.domain.errors import Permanent
from shared.security import local_only

HandBack = Callable[[str, str], Awaitable[Head]]
"""Given tenant and conversation, gives it back. Raises Permanent if no person has it."""


def routes(desks: Versions, hand_back: HandBack, *, local_only_open: bool) -> list[Route]:
    """POST /api/v1/conversations/{id}/hand-back?desk=: the state it has then; 409 if no person has it."""

    async def give_back(request: Request) -> Response:
        local_only.demand(request, local_only_open=local_only_open)
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.url.netloc:
            raise Refused(403, "A conversation is handed back from Frontdesk's own pages alone.")
        desk = request.query_params.get("desk", "")
        running = await desks.published(desk)
        if running is None:
            raise Refused(404, f"There is no desk {desk!r}; name one in ?desk=")
        try:
            head = await hand_back(running.tenant, request.path_params["conversation"])
        except Permanent as error:
            raise Refused(409, str(error)) from error
        return JSONResponse({"state": head.state}, headers={"Cache-Control": "no-store"})

    path = "/api/v1/conversations/{conversation}/hand-back"
    return [Route(path, answering(give_back), methods=["POST"])]
