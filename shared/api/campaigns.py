"""Campaigns as JSON: checked, drawn up from a file, steered, read, and their results as a file."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from shared.api.asked import Nothing, command, found, json_as, limit_of, query_of, told
from shared.api.chat_files import body_within
from shared.api.entry import Enter, Entry
from shared.api.problems import Refused
from shared.desk.campaigns.control import (
    campaigns,
    cancel,
    find_campaign,
    pause,
    resume,
    start,
    targets,
)
from shared.desk.campaigns.draft import Preview, draft, preview
from shared.desk.campaigns.export import exported
from shared.desk.campaigns.rows import LARGEST
from shared.desk.campaigns.wanted import Wanted
from shared.desk.services import Services
from shared.domain.campaigns import Breaker, Campaign, TargetState
from shared.domain.errors import NotThere, Permanent
from shared.domain.outreach import Kind
from shared.security.tenancy import TenantStore

PATH = "/api/v1/campaigns"
Steer = Callable[..., Awaitable[Campaign]]
Line = Annotated[str, msgspec.Meta(max_length=200)]


class Drawing(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A campaign with its file as text: a line of names, then one for each person; see `Campaign`."""

    desk: str
    name: Line
    file: str
    means: Literal["messages", "calls"] = "messages"
    kind: Kind = "marketing"
    text: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    template: Line = ""
    agreed: Line = ""
    hours: Line = ""
    per_minute: int = 30
    attempts: int = 2
    retry_minutes: int = 30
    breaker: Breaker = Breaker()
    begins: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class Filter(msgspec.Struct, kw_only=True):
    """The filter of targets."""

    state: TargetState | None = None


@dataclass(frozen=True, slots=True)
class Doors:
    """The addresses of campaigns."""

    services: Services
    enter: Enter

    async def check(self, request: Request) -> Response:
        """POST …/preview: a dry run; nothing is kept."""
        entry, wanted, file = await self._drawn(request)
        with _unfit():
            return told(_shown(await preview(self.services, entry.tenant, wanted, file)))

    async def make(self, request: Request) -> Response:
        """POST: a draft, once for each Idempotency-Key."""
        entry, wanted, file = await self._drawn(request)
        once = request.headers.get("idempotency-key", "")
        with _unfit():
            made, seen = await draft(self.services, entry.tenant, wanted, file, once=once, by=entry.by)
        if made is None:
            mistakes = _shown(seen)["mistakes"]
            raise Refused(422, f"There are mistakes: {seen.mistakes[0]}.", mistakes=mistakes)
        return told(made)

    async def listed(self, request: Request) -> Response:
        """GET: the campaigns, the newest first."""
        store, cursor = await self._store(request), request.query_params.get("cursor")
        page = await campaigns(store, cursor=cursor, limit=limit_of(request))
        return told({"items": page.items, "cursor": page.cursor})

    async def one(self, request: Request) -> Response:
        """GET …/{id}."""
        return told(await find_campaign(await self._store(request), _id(request)))

    async def targets(self, request: Request) -> Response:
        """GET …/{id}/targets?state=."""
        page = await targets(
            await self._store(request),
            _id(request),
            state=query_of(request, Filter).state,
            cursor=request.query_params.get("cursor"),
            limit=limit_of(request),
        )
        return told({"items": page.items, "cursor": page.cursor})

    async def export(self, request: Request) -> Response:
        """GET …/{id}/export: a CSV file."""
        store = await self._store(request)
        await find_campaign(store, _id(request))
        return csv_file(exported(store, _id(request)), _id(request))

    def steered(self, verb: Steer) -> Route:
        """POST …/{id}/start and the like."""

        async def steer(entry: Entry, request: Request, _: Nothing) -> Campaign:
            return await verb(self.services, entry.tenant, _id(request), by=entry.by)

        path = f"{PATH}/{{campaign}}/{verb.__name__}"
        return command(path, Nothing, steer, self.enter, least="supervisor")

    async def _store(self, request: Request) -> TenantStore:
        return self.services.tenant((await self.enter(request, "supervisor")).tenant)

    async def _drawn(self, request: Request) -> tuple[Entry, Wanted, bytes]:
        entry = await self.enter(request, "supervisor")
        body = await body_within(request, 2 * LARGEST)
        asked = json_as(body, Drawing)
        given = {field: getattr(asked, field) for field in Wanted.__struct_fields__}
        return entry, Wanted(**given), asked.file.encode()


def routes(services: Services, enter: Enter) -> list[Route]:
    """POST and GET /api/v1/campaigns, POST …/preview, GET …/{id}, …/targets, …/export, and POST …/start,
    pause, resume, cancel.
    """
    doors, whole = Doors(services, enter), PATH + "/{campaign}"
    return [
        Route(PATH, found(doors.make), methods=["POST"]),
        Route(PATH, found(doors.listed), methods=["GET"]),
        Route(f"{PATH}/preview", found(doors.check), methods=["POST"]),
        Route(whole, found(doors.one), methods=["GET"]),
        Route(f"{whole}/targets", found(doors.targets), methods=["GET"]),
        Route(f"{whole}/export", found(doors.export), methods=["GET"]),
        *map(doors.steered, (start, pause, resume, cancel)),
    ]


@contextmanager
def _unfit() -> Iterator[None]:
    """Within it, what could never run is answered with 422."""
    try:
        yield
    except (NotThere, Refused):
        raise
    except Permanent as error:
        raise Refused(422, str(error)) from error


def csv_file(parts: AsyncIterator[str], name: str) -> Response:
    """A table in pieces, as a file a browser saves."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="campaign-{name}.csv"',
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(parts, media_type="text/csv; charset=utf-8", headers=headers)


def _shown(seen: Preview) -> dict[str, object]:
    """A dry run without its rows; mistakes with their places."""
    return {
        "mistakes": [
            {"line": one.line, "column": one.column, "found": one.found, "fix": one.fix}
            for one in seen.mistakes
        ],
        "total": seen.total,
        "reached": seen.reached,
        "duplicates": seen.duplicates,
        "opted_out": seen.opted_out,
        "unreached": seen.unreached,
        "cost": seen.cost,
        "minutes": round(seen.minutes, 1),
        "example": seen.example,
        "notices": seen.notices,
    }


def _id(request: Request) -> str:
    return str(request.path_params["campaign"])
