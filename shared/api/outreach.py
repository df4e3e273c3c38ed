"""Speaking first as JSON: something said to a customer, what is scheduled, and what happened to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.api.asked import command, found, limit_of, query_of, told
from shared.api.entry import Enter, Entry
from shared.api.problems import Refused
from shared.desk.outreach.reach import Wanted, find_outreach, reach
from shared.desk.outreach.reported import report_event
from shared.desk.outreach.scheduled import cancel_outreach, cancel_scheduled, outreaches, scheduled
from shared.desk.services import Services
from shared.domain.content import ChannelName, Template
from shared.domain.errors import NotThere, Permanent
from shared.domain.events import Happened
from shared.domain.identity import new_id
from shared.domain.outreach import Kind, Outreach, OutreachState, Overtaking, Saying

PATH = "/api/v1/outreach"
CUSTOMER = "/api/v1/customers/{customer}"
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Name = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[a-z][a-z0-9_]{0,62}$",
        description="made of small letters, digits and _, begins with a letter and has 63 characters at most,"
        " e.g. order_placed",
    ),
]
_REPORTED = 20
"""Fields of an event that may be told along."""


class Filter(msgspec.Struct, kw_only=True):
    """The filters of outreaches."""

    state: OutreachState | None = None
    of_desk: str | None = None
    customer: str | None = None
    campaign: str | None = None


class Reaching(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whom to reach from which desk, why, about what, with which words, and from when on, with its offset."""

    desk: str
    purpose: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    occasion: Annotated[str, msgspec.Meta(max_length=200)] = ""
    customer: str = ""
    number: str = ""
    text: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    template: Template | None = None
    kind: Kind = "service"
    channel: ChannelName | None = None
    agreed: Annotated[str, msgspec.Meta(max_length=200)] = ""
    overtaken_by: tuple[Overtaking, ...] = ()
    due: Instant | None = None
    give_up: Instant | None = None


class Reporting(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What happened, in a word, and what a rule's words may tell of it."""

    desk: str
    event: Name
    about: dict[Name, str | int | float | bool] = {}


def routes(services: Services, enter: Enter) -> list[Route]:
    """POST and GET /api/v1/outreach, GET and DELETE …/{id}; GET /api/v1/customers/{id}/scheduled, DELETE
    …/scheduled/{id}, and POST …/events.
    """

    async def say(entry: Entry, request: Request, asked: Reaching) -> Outreach:
        once = request.headers.get("idempotency-key", "")
        wanted = Wanted(
            desk=asked.desk,
            purpose=asked.purpose,
            occasion=asked.occasion or (f"{entry.by.id} {once}" if once else new_id()),
            saying=Saying(text=asked.text, template=asked.template),
            customer=asked.customer,
            number=asked.number,
            kind=asked.kind,
            prefers=asked.channel,
            agreed=asked.agreed,
            overtaken_by=asked.overtaken_by,
            due=asked.due,
            give_up=asked.give_up,
            by=entry.by,
        )
        return await reach(services, entry.tenant, wanted)

    async def listed(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        wanted = query_of(request, Filter)
        page = await outreaches(
            services.tenant(entry.tenant),
            state=wanted.state,
            desk=wanted.of_desk,
            customer=wanted.customer,
            campaign=wanted.campaign,
            cursor=request.query_params.get("cursor"),
            limit=limit_of(request),
        )
        return told({"items": page.items, "cursor": page.cursor})

    async def one(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        return told(await find_outreach(services.tenant(entry.tenant), _of(request, "outreach")))

    async def call_off(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        with _conflicts():
            return told(await cancel_outreach(services, entry.tenant, _of(request, "outreach"), by=entry.by))

    async def to_come(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        return told({"items": await scheduled(services, entry.tenant, _of(request, "customer"))})

    async def cancel(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        with _conflicts():
            await cancel_scheduled(
                services,
                entry.tenant,
                _of(request, "customer"),
                _of(request, "scheduled"),
                by=entry.by,
            )
        return Response(status_code=204)

    async def report(entry: Entry, request: Request, asked: Reporting) -> Happened:
        if len(asked.about) > _REPORTED:
            raise Refused(422, f"at most {_REPORTED} fields can be told of an event.")
        return await report_event(
            services,
            entry.tenant,
            _of(request, "customer"),
            desk=asked.desk,
            event=asked.event,
            about=asked.about,
            once=request.headers.get("idempotency-key", ""),
            by=entry.by,
        )

    return [
        command(PATH, Reaching, say, enter),
        Route(PATH, found(listed), methods=["GET"]),
        Route(f"{PATH}/{{outreach}}", found(one), methods=["GET"]),
        Route(f"{PATH}/{{outreach}}", found(call_off), methods=["DELETE"]),
        Route(f"{CUSTOMER}/scheduled", found(to_come), methods=["GET"]),
        Route(f"{CUSTOMER}/scheduled/{{scheduled}}", found(cancel), methods=["DELETE"]),
        command(f"{CUSTOMER}/events", Reporting, report, enter),
    ]


def _of(request: Request, name: str) -> str:
    return str(request.path_params[name])


@contextmanager
def _conflicts() -> Iterator[None]:
    """Within it, what cannot be done as it stands is answered with 409."""
    try:
        yield
    except NotThere:
        raise
    except Permanent as error:
        raise Refused(409, str(error)) from error
