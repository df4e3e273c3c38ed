"""The pages of surveys: what each question of a desk came to, and what customers said, one by one."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.console.frame import Frame
from shared.console.people_named import people_named
from shared.console.visit import Visit
from shared.desk.outreach.answers import answers
from shared.desk.outreach.survey_figures import survey_figures
from shared.desk.services import Services

MOST = 50
_LONGEST = 120  # characters of a filter
AFTER = {"post_booking": "after a booking", "post_service": "after a visit"}
"""After what a question is asked, in words; any other trigger stands as it is written."""


@dataclass(frozen=True, slots=True)
class SurveyPages:
    """The two pages."""

    services: Services

    async def show(self, visit: Visit) -> Response:
        """GET /surveys?desk=: the questions of a desk, the first one that asks any where none is named."""
        running = list(await self.services.versions.running(visit.tenant))
        desks = [(one.desk, one.config.desk.name) for one in running]
        named = visit.request.query_params.get("desk", "")
        asks = [one for one in running if one.config.behavior.surveys.questions] or running
        chosen = (
            next((one for one in running if one.desk == named), None) if named else next(iter(asks), None)
        )
        if chosen is None:
            raise Refused(404, "There is no such desk here; look at the list of desks.")
        found = await survey_figures(visit.store, chosen.config)
        newest = [said for one in found.questions for said in one.newest]
        return visit.page(
            "console/surveys.html",
            section="surveys",
            desks=desks,
            desk=chosen.desk,
            off=not chosen.config.behavior.surveys.enabled,
            found=found,
            after=AFTER,
            people=await people_named(visit.store, [one.customer for one in newest]),
        )

    async def said(self, visit: Visit) -> Response:
        """GET /surveys/answers?desk=&question=&after=: all that was said to a question, the newest first."""
        asked = visit.request.query_params
        desk, question = (asked.get(name, "")[:_LONGEST] for name in ("desk", "question"))
        page = await answers(
            visit.store, desk=desk, question=question, cursor=asked.get("after") or None, limit=MOST
        )
        shown: dict[str, Any] = {
            "items": page.items,
            "more": urlencode({"desk": desk, "question": question, "after": page.cursor})
            if page.cursor
            else "",
            "desk": desk,
            "people": await people_named(visit.store, [one.customer for one in page.items]),
        }
        return visit.page("console/survey_answers.html", section="surveys", **shown)


def routes(frame: Frame, services: Services) -> list[Route]:
    """The pages at /surveys."""
    pages = SurveyPages(services)
    return [
        frame.get("/surveys", pages.show, least="supervisor"),
        frame.get("/surveys/answers", pages.said, least="supervisor"),
    ]
