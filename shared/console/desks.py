"""The pages of a business's desks: how each stands, what it runs, what it ran, and what differs."""

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.config.board import BOARD_KEY, DeskBoard, DeskState
from shared.config.comparison import Comparison, compare
from shared.config.fixes import file_of
from shared.config.version_documents import Version
from shared.console.frame import Frame
from shared.console.visit import Visit
from shared.console.yaml_lines import code_lines
from shared.desk.proposals import proposals
from shared.desk.services import Services

LONGEST_HISTORY = 50


@dataclass(frozen=True, slots=True)
class Desks:
    """The pages."""

    services: Services
    board: DeskBoard

    async def show(self, visit: Visit) -> Response:
        """GET /desks."""
        return visit.page("console/desks.html", section="desks", **await self._listed(visit))

    async def events(self, visit: Visit) -> Response:
        """GET /desks/events: the list, whenever a file is saved or a version published."""

        async def draw() -> dict[str, str]:
            return {"desks": visit.draw("console/desk_rows.html", **await self._listed(visit))}

        return visit.follow([BOARD_KEY], draw)

    async def one(self, visit: Visit) -> Response:
        """GET /desks/{desk}: what it runs, line by line, with what today's checks find in it."""
        running = await self.running(visit)
        judged = await self.services.drafts.judged(running, running.text)
        return visit.page(
            "console/desk.html",
            section="desks",
            tab="configuration",
            running=running,
            state=await self.state(visit),
            lines=code_lines(running.text, file_of(running), (*judged.problems, *judged.notices)),
            findings=(*judged.problems, *judged.notices),
            knowledge={
                name: len(body) for name, body in (await self.services.drafts.knowledge(running)).items()
            },
        )

    async def history(self, visit: Visit) -> Response:
        """GET /desks/{desk}/history."""
        running = await self.running(visit)
        versions = await self.services.versions.history(running.desk, limit=LONGEST_HISTORY)
        return visit.page(
            "console/desk_history.html",
            section="desks",
            tab="history",
            running=running,
            state=await self.state(visit),
            versions=versions,
        )

    async def version(self, visit: Visit) -> Response:
        """GET /desks/{desk}/versions/{number}: another version, beside the one that runs."""
        running = await self.running(visit)
        chosen = await self._chosen(visit, running)
        return visit.page(
            "console/desk_version.html",
            section="desks",
            tab="history",
            running=running,
            state=await self.state(visit),
            chosen=chosen,
            file=file_of(chosen),
            found=await self.between(running, chosen),
            lines=code_lines(chosen.text, file_of(chosen), chosen.problems),
        )

    async def file(self, visit: Visit) -> Response:
        """GET /desks/{desk}/file: the desk's file, where it says something else than what runs."""
        running = await self.running(visit)
        on_file = await self.services.drafts.on_file(visit.tenant, running.desk)
        if on_file is None:
            raise Refused(404, "This desk has no file here; what runs was made in the console.")
        return visit.page(
            "console/desk_file.html",
            section="desks",
            tab="configuration",
            running=running,
            state=await self.state(visit),
            chosen=on_file,
            found=await self.between(running, on_file),
        )

    async def running(self, visit: Visit) -> Version:
        """The version that runs, of the desk in the path."""
        return await self.services.drafts.running(visit.tenant, visit.request.path_params["desk"])

    async def state(self, visit: Visit) -> DeskState:
        """How the desk of the path stands."""
        desk = visit.request.path_params["desk"]
        found = next((one for one in await self._states(visit) if one.desk == desk), None)
        if found is None:
            raise Refused(404, f"There is no desk {desk!r} at {visit.business}.")
        return found

    async def between(self, old: Version, new: Version) -> Comparison:
        """What differs, knowledge included."""
        drafts = self.services.drafts
        return compare(old, new, await drafts.knowledge(old), await drafts.knowledge(new))

    async def _chosen(self, visit: Visit, running: Version) -> Version:
        number = str(visit.request.path_params["number"])
        found = None
        if number.isascii() and number.isdigit() and len(number) < 7:
            found = await self.services.versions.read(visit.tenant, running.desk, int(number))
        if found is None:
            raise Refused(404, f"There is no version {number} of this desk; look at its history.")
        return found

    async def _states(self, visit: Visit) -> list[DeskState]:
        return [one for one in await self.board.list() if one.tenant == visit.tenant]

    async def _listed(self, visit: Visit) -> dict[str, Any]:
        waiting = await proposals(self.services, visit.tenant, state="proposed")
        return {"states": await self._states(visit), "proposed": len(waiting.items)}


def routes(frame: Frame, services: Services, board: DeskBoard) -> list[Route]:
    """The pages below /desks that change nothing."""
    page = Desks(services, board)
    return [
        frame.get("/desks", page.show, least="supervisor"),
        frame.get("/desks/events", page.events, least="supervisor"),
        frame.get("/desks/{desk}", page.one, least="supervisor"),
        frame.get("/desks/{desk}/history", page.history, least="supervisor"),
        frame.get("/desks/{desk}/file", page.file, least="supervisor"),
        frame.get("/desks/{desk}/versions/{number}", page.version, least="supervisor"),
    ]
