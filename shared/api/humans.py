"""The people who answer, as JSON: who is there, what waits for them, and what they are told."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.api.asked import Nothing, command, found, limit_of, told
from shared.api.entry import Enter, Entry
from shared.desk.notices import notices
from shared.desk.presence import heartbeat, set_presence
from shared.desk.queues import Figures, Line, Open, Post, figures
from shared.desk.services import Services
from shared.domain.colleagues import Colleague, Presence
from shared.domain.instants import stamp

PATH = "/api/v1/humans"


class Saying(msgspec.Struct, forbid_unknown_fields=True):
    """What they say they are."""

    presence: Presence


def routes(services: Services, enter: Enter) -> list[Route]:
    """GET /api/v1/humans (each with load and presence), GET …/queues (a supervisor's figures), GET
    …/notices?after=&limit= (one's own), POST …/presence and …/beat (one's own).
    """

    async def listed(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        seen = await figures(services.tenant(entry.tenant), services.ports.clock)
        return told({"items": [_post(one) for one in seen.posts]})

    async def queues(request: Request) -> Response:
        entry = await enter(request, "supervisor")
        return told(_figures(await figures(services.tenant(entry.tenant), services.ports.clock)))

    async def told_me(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        after = request.query_params.get("after", "")
        items = await notices(
            services.tenant(entry.tenant), entry.by.id, after=after, limit=limit_of(request)
        )
        return told({"items": items})

    async def say(entry: Entry, _: Request, asked: Saying) -> Colleague:
        return await set_presence(services, entry.tenant, asked.presence, entry.by)

    async def beat(entry: Entry, _: Request, __: Nothing) -> Colleague:
        return await heartbeat(services, entry.tenant, entry.by)

    return [
        Route(PATH, found(listed), methods=["GET"]),
        Route(f"{PATH}/queues", found(queues), methods=["GET"]),
        Route(f"{PATH}/notices", found(told_me), methods=["GET"]),
        command(f"{PATH}/presence", Saying, say, enter),
        command(f"{PATH}/beat", Nothing, beat, enter),
    ]


def _figures(seen: Figures) -> dict[str, object]:
    return {
        "at": stamp(seen.at),
        "waiting": [_open(one) for one in seen.waiting],
        "active": [_open(one) for one in seen.active],
        "queues": [_line(one) for one in seen.lines],
        "humans": [_post(one) for one in seen.posts],
    }


def _open(one: Open) -> dict[str, object]:
    handover = one.handover
    shown = (
        "id",
        "conversation",
        "state",
        "type",
        "priority",
        "reason",
        "assignee",
        "offered_to",
        "asked_at",
    )
    return {name: getattr(handover, name) for name in shown} | {
        "waited": one.waited,
        "at_risk": one.at_risk,
        "late": one.late,
        "answer_due": handover.answer_due,
        "resolve_due": handover.resolve_due,
    }


def _line(line: Line) -> dict[str, object]:
    shown = ("skill", "waiting", "longest", "at_risk", "there", "room")
    return {name: getattr(line, name) for name in shown}


def _post(post: Post) -> dict[str, object]:
    colleague = post.colleague
    shown = ("id", "name", "role", "skills", "capacity", "presence")
    return {name: getattr(colleague, name) for name in shown} | {
        "there": post.there,
        "load": post.load,
        "holding": len(colleague.holding),
    }
