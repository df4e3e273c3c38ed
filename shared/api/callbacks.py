"""Promised calls as JSON: listed, moved, cancelled, noted as made."""

from datetime import datetime
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.api.asked import Nothing, command, found, limit_of, query_of, told
from shared.api.entry import Enter, Entry
from shared.desk.callback_work import callbacks, cancel, done, reschedule
from shared.desk.services import Services
from shared.domain.callbacks import Callback, CallbackState

PATH = "/api/v1/callbacks"


class Wanted(msgspec.Struct, kw_only=True):
    """The filters of an address."""

    state: CallbackState | None = None
    conversation: str | None = None


class Moving(msgspec.Struct, forbid_unknown_fields=True):
    """When instead, with its offset."""

    due: Annotated[datetime, msgspec.Meta(tz=True)]


class Made(msgspec.Struct, forbid_unknown_fields=True):
    """What came of the call."""

    note: str = ""


def routes(services: Services, enter: Enter) -> list[Route]:
    """GET /api/v1/callbacks?state=&conversation=&cursor=&limit=, and POST …/{id}/reschedule, cancel, done."""

    async def listed(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        wanted = query_of(request, Wanted)
        page = await callbacks(
            services.tenant(entry.tenant),
            state=wanted.state,
            conversation=wanted.conversation,
            cursor=request.query_params.get("cursor"),
            limit=limit_of(request),
        )
        return told({"items": page.items, "cursor": page.cursor})

    async def move(entry: Entry, request: Request, asked: Moving) -> Callback:
        return await reschedule(services, entry.tenant, _id(request), due=asked.due, by=entry.by)

    async def call_off(entry: Entry, request: Request, _: Nothing) -> Callback:
        return await cancel(services, entry.tenant, _id(request), by=entry.by)

    async def made(entry: Entry, request: Request, asked: Made) -> Callback:
        return await done(services, entry.tenant, _id(request), note=asked.note, by=entry.by)

    return [
        Route(PATH, found(listed), methods=["GET"]),
        command(f"{PATH}/{{callback}}/reschedule", Moving, move, enter),
        command(f"{PATH}/{{callback}}/cancel", Nothing, call_off, enter),
        command(f"{PATH}/{{callback}}/done", Made, made, enter),
    ]


def _id(request: Request) -> str:
    return str(request.path_params["callback"])
