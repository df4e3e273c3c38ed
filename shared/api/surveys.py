"""What customers were asked and answered, as JSON: the figures of each question, and the answers."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.api.asked import found, limit_of, query_of, told
from shared.api.entry import Enter
from shared.desk.outreach.answers import answers
from shared.desk.outreach.survey_figures import survey_figures
from shared.desk.services import Services
from shared.domain.errors import NotThere

PATH = "/api/v1/surveys"


class Filter(msgspec.Struct, kw_only=True):
    """The filter of answers."""

    of_desk: str | None = None
    question: str | None = None


def routes(services: Services, enter: Enter) -> list[Route]:
    """GET /api/v1/surveys?of_desk=, and /api/v1/surveys/answers?of_desk=&question=&cursor=&limit=."""

    async def figures(request: Request) -> Response:
        entry = await enter(request, "supervisor")
        of_desk, store = query_of(request, Filter).of_desk, services.tenant(entry.tenant)
        running = await services.versions.running(entry.tenant)
        items = [
            {"desk": one.desk, **msgspec.to_builtins(await survey_figures(store, one.config))}
            for one in running
            if of_desk in (None, one.desk)
        ]
        if of_desk and not items:
            raise NotThere(f"there is no desk {of_desk!r} of this business")
        return told({"items": items})

    async def listed(request: Request) -> Response:
        entry, asked = await enter(request, "supervisor"), query_of(request, Filter)
        page = await answers(
            services.tenant(entry.tenant),
            desk=asked.of_desk,
            question=asked.question,
            cursor=request.query_params.get("cursor"),
            limit=limit_of(request),
        )
        return told({"items": page.items, "cursor": page.cursor})

    return [
        Route(PATH, found(figures), methods=["GET"]),
        Route(f"{PATH}/answers", found(listed), methods=["GET"]),
    ]
