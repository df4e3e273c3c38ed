"""The list of runs: what waits for a decision first, then all of them, by state, workflow and customer."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from shared.console import run_words
from shared.console.frame import Frame
from shared.console.people_named import people_named
from shared.console.visit import Visit
from shared.desk.find_customers import customers_named
from shared.desk.runs.run_list import RunPage, runs_of
from shared.desk.services import Services
from shared.desk.wake import runs_key
from shared.domain.runs import RunStatus

MOST = 50
_LONGEST = 80  # characters of a filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What an address wants of the runs."""

    status: RunStatus | None = None
    workflow: str = ""
    words: str = ""  # of the customer's name, handle or number
    after: str = ""

    @property
    def query(self) -> str:
        """The filters as the query of an address, without "?" and without how far it was read."""
        said = {"status": self.status, "workflow": self.workflow, "words": self.words}
        return urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True, slots=True)
class RunList:
    """The page."""

    services: Services

    async def show(self, visit: Visit) -> Response:
        """GET /runs?status=&workflow=&words=&after=."""
        return visit.page("console/runs.html", section="runs", view="runs", **await self._listed(visit))

    async def events(self, visit: Visit) -> Response:
        """GET /runs/events: the list anew, whenever a run comes to another point."""

        async def draw() -> Mapping[str, str]:
            return {"runs": visit.draw("console/run_rows.html", **await self._listed(visit))}

        return visit.follow([runs_key(visit.tenant)], draw)

    async def _listed(self, visit: Visit) -> dict[str, Any]:
        sought = _sought(visit)
        page, asking, running = await asyncio.gather(
            self._found(visit, sought),
            self._asking(visit, sought),
            self.services.versions.running(visit.tenant),
        )
        asked = [(run, wait) for run in asking for wait in run_words.questions(run)]
        first = {run.id for run, _ in asked}
        people = await people_named(visit.store, [run.customer for run in (*page.runs, *asking)])
        return {
            "items": [run for run in page.runs if run.id not in first],
            "asked": asked,
            "cursor": page.cursor,
            "people": people,
            "sought": sought,
            "workflows": sorted({name for one in running for name in one.config.workflows}),
            "run": run_words,
        }

    async def _found(self, visit: Visit, sought: Sought, **more: bool) -> RunPage:
        customers: Sequence[str] | None = None
        if sought.words:
            customers = await customers_named(visit.store, sought.words)
            if not customers:
                return RunPage((), None)
        return await runs_of(
            visit.store,
            limit=MOST,
            cursor=None if more else sought.after or None,
            customers=customers,
            status=sought.status,
            workflow=sought.workflow or None,
            **more,
        )

    async def _asking(self, visit: Visit, sought: Sought) -> list[Any]:
        """Those that ask for a decision, the one that waits longest first; on the first page alone."""
        if sought.after:
            return []
        return list((await self._found(visit, sought, asking=True)).runs)[::-1]


def _sought(visit: Visit) -> Sought:
    """The filters of an address; a value nobody knows counts as none."""
    query = visit.request.query_params
    status = query.get("status", "")
    return Sought(
        status=status if status in run_words.STATES else None,
        workflow=query.get("workflow", "")[:_LONGEST],
        words=query.get("words", "").strip()[:_LONGEST],
        after=query.get("after", ""),
    )


def routes(frame: Frame, services: Services) -> list[Route]:
    """The page at /runs and its stream."""
    page = RunList(services)
    return [frame.get("/runs", page.show), frame.get("/runs/events", page.events)]
