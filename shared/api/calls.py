"""Calls as JSON: listed, read, listened to, joined, ended."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.api.asked import Nothing, command, found, limit_of, query_of, told
from shared.api.entry import Enter, Entry
from shared.desk.calls.call_list import Filter, call_story, calls
from shared.desk.calls.enter import Entrance
from shared.desk.calls.hang_up import hang_up
from shared.desk.calls.tokens import join, listen
from shared.desk.services import Services
from shared.domain.calls import Call, CallOutcome, CallState, Direction

PATH = "/api/v1/calls"


class Wanted(msgspec.Struct, kw_only=True):
    """The filters of an address; `live=true` for those under way."""

    live: bool | None = None
    state: CallState | None = None
    direction: Direction | None = None
    outcome: CallOutcome | None = None
    of_desk: str | None = None  # `desk` names the business where nobody signs in
    customer: str | None = None
    conversation: str | None = None


def routes(services: Services, enter: Enter) -> list[Route]:
    """GET /api/v1/calls?live=&state=&direction=&outcome=&of_desk=&customer=&conversation=&cursor=&limit=,
    GET …/{id}, and POST …/{id}/listen, join, end.
    """

    async def listed(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        wanted = query_of(request, Wanted)
        asked = Filter(
            live=wanted.live,
            state=wanted.state,
            direction=wanted.direction,
            outcome=wanted.outcome,
            desk=wanted.of_desk,
            customer=wanted.customer,
            conversation=wanted.conversation,
        )
        cursor = request.query_params.get("cursor")
        page = await calls(services.tenant(entry.tenant), asked, cursor=cursor, limit=limit_of(request))
        return told({"items": page.items, "cursor": page.cursor})

    async def one(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        story = await call_story(services.tenant(entry.tenant), _id(request))
        transcript = f"/api/v1/conversations/{story.call.conversation}/timeline"
        changes = {"transitions": story.transitions, "tier_changes": story.tier_changes}
        return told({"call": story.call, "transcript": transcript, **changes})

    async def into(entry: Entry, request: Request, _: Nothing) -> Entrance:
        return await listen(services, entry.tenant, _id(request), by=entry.by)

    async def with_them(entry: Entry, request: Request, _: Nothing) -> Entrance:
        return await join(services, entry.tenant, _id(request), by=entry.by)

    async def end(entry: Entry, request: Request, _: Nothing) -> Call:
        return await hang_up(services, entry.tenant, _id(request), by=entry.by)

    whole = PATH + "/{call}"
    return [
        Route(PATH, found(listed), methods=["GET"]),
        Route(whole, found(one), methods=["GET"]),
        command(f"{whole}/listen", Nothing, into, enter),
        command(f"{whole}/join", Nothing, with_them, enter),
        command(f"{whole}/end", Nothing, end, enter),
    ]


def _id(request: Request) -> str:
    return str(request.path_params["call"])
