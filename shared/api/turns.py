"""What a conversation's turns did and cost, newest first: the receipts as the turn wrote them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.api.problems import Refused, answering
from shared.config.versions import Versions
from shared.ports import Ports, Query
from shared.security import local_only
from shared.security.tenancy import TenantStore

_MOST = 50


def routes(*, ports: Ports, desks: Versions, local_only_open: bool) -> list[Route]:
    """GET /api/v1/conversations/{id}/turns?desk=, with limit and cursor."""

    async def list_turns(request: Request) -> Response:
        local_only.demand(request, local_only_open=local_only_open)
        desk = request.query_params.get("desk", "")
        running = await desks.published(desk)
        if running is None:
            raise Refused(404, f"There is no desk {desk!r}; name one in ?desk=")
        limit = request.query_params.get("limit", "20")
        if not limit.isdigit() or not 1 <= int(limit) <= _MOST:
            raise Refused(422, f"limit is a number from 1 to {_MOST}.")
        store = TenantStore.of(ports.store, running.tenant)
        collection = f"conversations/{request.path_params['conversation']}/turns"
        cursor = request.query_params.get("cursor")
        page = await store.query(collection, Query((), ("-started_at",), int(limit), cursor))
        turns = [document.data for document in page.documents]
        return JSONResponse({"items": turns, "cursor": page.cursor}, headers={"Cache-Control": "no-store"})

    return [Route("/api/v1/conversations/{conversation}/turns", answering(list_turns), methods=["GET"])]
