"""The pages of calls: those under way, those to be made, and those that were, by desk and outcome."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from shared.console.call_view import WORDS
from shared.console.call_words import DIRECTIONS, OUTCOMES
from shared.console.frame import Frame
from shared.console.people_named import people_named
from shared.console.visit import Visit
from shared.desk.calls.call_list import Calls, Filter, calls, planned_calls
from shared.desk.calls.dial import cancel_planned
from shared.desk.inbox_hint import inbox_key
from shared.desk.services import Services
from shared.desk.wake import calls_key
from shared.domain.calls import CallOutcome, Direction

_LONGEST = 80  # characters of a filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What an address wants of the calls that were."""

    desk: str = ""
    direction: Direction | None = None
    outcome: CallOutcome | None = None

    @property
    def query(self) -> str:
        """The filters as the query of an address, without "?"."""
        said = {"desk": self.desk, "direction": self.direction, "outcome": self.outcome}
        return urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True, slots=True)
class CallPages:
    """The three lists."""

    services: Services

    async def live(self, visit: Visit) -> Response:
        """GET /calls: the calls under way."""
        return visit.page("console/calls.html", section="calls", view="live", **await self._live(visit))

    async def events(self, visit: Visit) -> Response:
        """GET /calls/events: those under way anew, whenever one begins, ends or comes to another point."""

        async def draw() -> Mapping[str, str]:
            return {"calls": visit.draw("console/call_rows.html", view="live", **await self._live(visit))}

        return visit.follow([inbox_key(visit.tenant), calls_key(visit.tenant)], draw)

    async def past(self, visit: Visit) -> Response:
        """GET /calls/past?desk=&direction=&outcome=&after=: the calls that were, the newest first."""
        sought = _sought(visit)
        wanted = Filter(
            live=False, desk=sought.desk or None, direction=sought.direction, outcome=sought.outcome
        )
        page = await calls(visit.store, wanted, cursor=visit.request.query_params.get("after") or None)
        shown = await self._shown(visit, page)
        return visit.page("console/calls.html", section="calls", view="past", sought=sought, **shown)

    async def planned(self, visit: Visit) -> Response:
        """GET /calls/planned?after=: the calls the desk is to make, the next first."""
        shown = await self._planned(visit)
        return visit.page("console/calls.html", section="calls", view="planned", **shown)

    async def cancel(self, visit: Visit) -> Response:
        """POST /calls/planned/{planned}/cancel."""
        await cancel_planned(self.services, visit.tenant, visit.request.path_params["planned"])
        shown = await self._planned(visit)
        return visit.fragment("console/planned_rows.html", toast="Nobody is called.", **shown)

    async def _planned(self, visit: Visit) -> dict[str, Any]:
        after = visit.request.query_params.get("after") or None
        page = await planned_calls(visit.store, state="waiting", cursor=after)
        ringing = () if after else (await planned_calls(visit.store, state="calling")).items
        items = (*ringing, *page.items)
        people = await people_named(visit.store, [one.customer for one in items])
        return {"items": items, "cursor": page.cursor, "people": people, "call": WORDS}

    async def _live(self, visit: Visit) -> dict[str, Any]:
        return await self._shown(visit, await calls(visit.store, Filter(live=True), limit=100))

    async def _shown(self, visit: Visit, page: Calls) -> dict[str, Any]:
        people, desks = await asyncio.gather(
            people_named(visit.store, [one.customer for one in page.items]), self._desks(visit.tenant)
        )
        return {"items": page.items, "cursor": page.cursor, "people": people, "desks": desks, "call": WORDS}

    async def _desks(self, tenant: str) -> dict[str, str]:
        own = [desk for owner, desk in await self.services.versions.desks() if owner == tenant]
        published = [await self.services.versions.published(desk) for desk in own]
        return {one.desk: one.config.desk.name for one in published if one}


def _sought(visit: Visit) -> Sought:
    """The filters of an address; a value nobody knows counts as none."""
    query = visit.request.query_params
    direction, outcome = query.get("direction", ""), query.get("outcome", "")
    return Sought(
        desk=query.get("desk", "")[:_LONGEST],
        direction=direction if direction in DIRECTIONS else None,
        outcome=outcome if outcome in OUTCOMES else None,
    )


def routes(frame: Frame, services: Services) -> list[Route]:
    """The pages at /calls and /calls/past, and the stream of the first."""
    pages = CallPages(services)
    return [
        frame.get("/calls", pages.live),
        frame.get("/calls/events", pages.events),
        frame.get("/calls/past", pages.past),
        frame.get("/calls/planned", pages.planned),
        frame.post("/calls/planned/{planned}/cancel", pages.cancel),
    ]
