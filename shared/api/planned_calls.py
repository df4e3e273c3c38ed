"""Calls to be made as JSON: planned, listed, read, called off."""

from datetime import datetime
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.api.asked import command, found, limit_of, query_of, told
from shared.api.calls import PATH as CALLS
from shared.api.entry import Enter, Entry
from shared.api.problems import Refused
from shared.desk.calls.call_list import planned_calls
from shared.desk.calls.dial import cancel_planned, dial, find_planned
from shared.desk.services import Services
from shared.domain.errors import NotThere, Permanent
from shared.domain.planned_calls import PlannedCall, PlannedState

PATH = f"{CALLS}/planned"


class Wanted(msgspec.Struct, kw_only=True):
    """The filters of calls to be made."""

    state: PlannedState | None = None
    of_desk: str | None = None
    customer: str | None = None


class Dialling(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whom to call from which desk, why, what to say first, and from when on, with its offset."""

    desk: str
    purpose: str
    number: str = ""
    customer: str = ""
    opening: str = ""
    due: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


def routes(services: Services, enter: Enter) -> list[Route]:
    """POST /api/v1/calls, GET …/planned?state=&of_desk=&customer=&cursor=&limit=, and GET and DELETE
    …/planned/{id}; to be put before those of calls, whose ids these paths would be.
    """

    async def plan(entry: Entry, request: Request, asked: Dialling) -> PlannedCall:
        once = request.headers.get("idempotency-key", "")
        return await dial(
            services,
            entry.tenant,
            asked.desk,
            purpose=asked.purpose,
            number=asked.number,
            customer=asked.customer,
            opening=asked.opening,
            due=asked.due,
            once=f"{entry.by.id} {once}" if once else "",
            by=entry.by,
        )

    async def to_be_made(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        wanted = query_of(request, Wanted)
        page = await planned_calls(
            services.tenant(entry.tenant),
            state=wanted.state,
            desk=wanted.of_desk,
            customer=wanted.customer,
            cursor=request.query_params.get("cursor"),
            limit=limit_of(request),
        )
        return told({"items": page.items, "cursor": page.cursor})

    async def one(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        return told(await find_planned(services.tenant(entry.tenant), _id(request)))

    async def call_off(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        try:
            return told(await cancel_planned(services, entry.tenant, _id(request)))
        except NotThere:
            raise
        except Permanent as error:
            raise Refused(409, str(error)) from error

    whole = PATH + "/{planned}"
    return [
        command(CALLS, Dialling, plan, enter),
        Route(PATH, found(to_be_made), methods=["GET"]),
        Route(whole, found(one), methods=["GET"]),
        Route(whole, found(call_off), methods=["DELETE"]),
    ]


def _id(request: Request) -> str:
    return str(request.path_params["planned"])
