"""The desks of this installation and how each stands, and a word whenever that changes."""

from collections.abc import AsyncIterator

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.api.event_stream import BEAT, HEARTBEAT, event, pulses, streaming
from shared.api.problems import answering
from shared.config.board import BOARD_KEY, DeskBoard
from shared.ports import Live
from shared.security import local_only


def routes(*, live: Live, board: DeskBoard, local_only_open: bool, beat: float = 15.0) -> list[Route]:
    """GET /api/v1/desks and its events: each `board` event is the whole list anew."""

    async def standing() -> dict[str, object]:
        return {"items": await board.list(), "model": await board.model()}

    async def list_desks(request: Request) -> Response:
        local_only.demand(request, local_only_open=local_only_open)
        body = msgspec.json.encode(await standing())
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    async def follow() -> AsyncIterator[bytes]:
        async for pulse in pulses(live, BOARD_KEY, beat):
            yield HEARTBEAT if pulse is BEAT else event("board", await standing())

    async def follow_desks(request: Request) -> Response:
        local_only.demand(request, local_only_open=local_only_open)
        return streaming(follow())

    return [
        Route("/api/v1/desks", answering(list_desks), methods=["GET"]),
        Route("/api/v1/desks/events", answering(follow_desks), methods=["GET"]),
    ]
