"""Changing a desk in the console: a text checked as it is typed, kept as a draft, published, taken back."""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from shared.config.board import DeskBoard
from shared.config.fixes import file_of
from shared.console.desks import Desks
from shared.console.frame import Frame
from shared.console.visit import Visit
from shared.desk.configure import Configured, keep_draft, publish_draft, roll_back, take_file
from shared.desk.services import Services


@dataclass(frozen=True, slots=True)
class DeskEdit:
    """The page and what it changes."""

    services: Services
    desks: Desks

    async def show(self, visit: Visit) -> Response:
        """GET /desks/{desk}/edit: what runs, or the draft named by ?from=, in an editor."""
        running = await self.desks.running(visit)
        number = visit.request.query_params.get("from", "")
        begun = None
        if number.isascii() and number.isdigit() and len(number) < 7:
            begun = await self.services.versions.read(visit.tenant, running.desk, int(number))
        begun = begun or running
        judged = await self.services.drafts.judged(running, begun.text)
        return visit.page(
            "console/desk_edit.html",
            section="desks",
            tab="edit",
            running=running,
            begun=begun,
            state=await self.desks.state(visit),
            judged=judged,
            file=file_of(running),
        )

    async def check(self, visit: Visit) -> Response:
        """POST /desks/{desk}/check: what is wrong with a text, in the words of the validator."""
        running = await self.desks.running(visit)
        judged = await self.services.drafts.judged(running, visit.form.whole("text").replace("\r\n", "\n"))
        return visit.fragment("console/desk_findings.html", judged=judged, file=file_of(running))

    async def save(self, visit: Visit) -> Response:
        """POST /desks/{desk}/drafts: kept, and shown beside what runs."""
        desk, text = visit.request.path_params["desk"], visit.form.whole("text")
        draft = await keep_draft(self.services, visit.tenant, desk, text=text, by=visit.actor)
        toast = "Kept as a draft." if draft.config else "Kept as a draft; it has problems and cannot run yet."
        return visit.go(visit.path(f"/desks/{desk}/versions/{draft.number}"), toast=toast)

    async def publish(self, visit: Visit) -> Response:
        """POST /desks/{desk}/versions/{number}/publish."""
        desk, number = self._named(visit)
        onto = visit.form.number("onto", least=1, most=999_999)
        place = (self.services, visit.tenant, desk, number)
        return self._done(visit, await publish_draft(*place, onto=onto, by=visit.actor))

    async def roll_back(self, visit: Visit) -> Response:
        """POST /desks/{desk}/versions/{number}/rollback."""
        desk, number = self._named(visit)
        return self._done(visit, await roll_back(self.services, visit.tenant, desk, number, by=visit.actor))

    async def take_file(self, visit: Visit) -> Response:
        """POST /desks/{desk}/file."""
        desk = visit.request.path_params["desk"]
        return self._done(visit, await take_file(self.services, visit.tenant, desk, by=visit.actor))

    def _named(self, visit: Visit) -> tuple[str, int]:
        number = str(visit.request.path_params["number"])
        digits = number if number.isascii() and number.isdigit() and len(number) < 7 else "0"
        return visit.request.path_params["desk"], int(digits)

    def _done(self, visit: Visit, done: Configured) -> Response:
        desk = visit.request.path_params["desk"]
        return visit.go(visit.path(f"/desks/{desk}"), toast=f"{done.said} {done.written}".strip())


def routes(frame: Frame, services: Services, board: DeskBoard) -> list[Route]:
    """The editor, and everything below /desks that changes a desk."""
    page = DeskEdit(services, Desks(services, board))
    return [
        frame.get("/desks/{desk}/edit", page.show, least="supervisor"),
        frame.post("/desks/{desk}/check", page.check, least="supervisor"),
        frame.post("/desks/{desk}/drafts", page.save, least="supervisor"),
        frame.post("/desks/{desk}/file", page.take_file, least="supervisor"),
        frame.post("/desks/{desk}/versions/{number}/publish", page.publish, least="supervisor"),
        frame.post("/desks/{desk}/versions/{number}/rollback", page.roll_back, least="supervisor"),
    ]
