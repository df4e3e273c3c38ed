"""What a workflow's versions came to, and what makes one another than the other, as JSON."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.api.asked import found, query_of, told
from shared.api.entry import Enter
from shared.api.workflow_versions import current_workflow
from shared.api.workflows import PATH
from shared.config.comparison import compare_workflows
from shared.desk.runs.outcomes import Outcome, Sides, outcomes, sides
from shared.desk.services import Services

_ONE = PATH + "/{workflow}"
_NEWEST = 10
"""Versions of which it is told, the newest."""


class Compared(msgspec.Struct, kw_only=True):
    """The two versions that are compared; `after` left out is the desk's own."""

    before: int
    after: int = 0


def routes(services: Services, enter: Enter) -> list[Route]:
    """GET /api/v1/workflows/{id}/outcomes, and …/{id}/difference?before=&after=."""

    async def came_to(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        now, store = await current_workflow(services, entry, request), services.tenant(entry.tenant)
        place = entry.tenant, now.desk, now.name
        numbers = [
            int(str(one["number"])) for one in await services.definitions.versions(*place, limit=_NEWEST)
        ]
        split = await sides(store, now.desk, now.name, await services.definitions.registered(*place))
        each = await outcomes(store, now.desk, now.name, numbers)
        return told({"items": [_told(one) for one in each], "split": _split(split) if split else None})

    async def difference(request: Request) -> Response:
        entry, asked = await enter(request, "human_agent"), query_of(request, Compared)
        now = await current_workflow(services, entry, request)
        place = entry.tenant, now.desk, now.name
        before = await services.definitions.version(*place, asked.before)
        after = await services.definitions.version(*place, asked.after) if asked.after else now
        seen = compare_workflows(before.workflow, after.workflow)
        return told({"before": before.version, "after": after.version, "values": seen.values})

    return [
        Route(_ONE + "/outcomes", found(came_to), methods=["GET"]),
        Route(_ONE + "/difference", found(difference), methods=["GET"]),
    ]


def _told(one: Outcome) -> dict[str, Any]:
    return {
        "version": one.version,
        "runs": one.runs,
        "more": one.more,
        "states": one.states,
        "ends": one.ends,
        "completed": {"of": one.tried, "count": one.done, "range": one.range},
        "cost_usd": round(one.money, 6),
    }


def _split(split: Sides) -> dict[str, Any]:
    return {
        "since": split.since or None,
        "shares": {str(number): share for number, share in split.shares.items()},
        "sides": [_told(one) for one in split.sides],
        "difference": split.gap,
        "better": split.better,
    }
