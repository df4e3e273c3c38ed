"""The first pages anybody sees: which desks there are, and one desk to try with its turns beside it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from shared.config.board import DeskBoard
from shared.config.versions import Versions
from shared.console import drawing
from shared.console.drawing import HERE
from shared.security import local_only

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The pages, with what they show."""

    board: DeskBoard
    desks: Versions
    local_only_open: bool
    calls: bool  # whether what carries calls is connected
    templates: Environment

    def _render(self, template: str, status: int = 200, **shown: object) -> Response:
        html = self.templates.get_template(template).render(shown)
        return HTMLResponse(html, status, _HEADERS)

    async def home(self, request: Request) -> Response:
        """GET /: every desk and how it stands; on this machine alone, as long as there is no sign-in."""
        if not local_only.is_open(request, local_only_open=self.local_only_open):
            return self._render("closed.html", 401)
        desks, model = await self.board.list(), await self.board.model()
        return self._render("home.html", desks=desks, model=model, address=str(request.base_url).rstrip("/"))

    async def try_desk(self, request: Request) -> Response:
        """GET /chat/{desk}: the desk as its customers see it; its turns beside it on this machine."""
        name = request.path_params["desk"]
        running = await self.desks.published(name)
        webchat = running.config.channels.webchat if running else None
        if running is None or webchat is None or not webchat.enabled:
            return self._render("missing.html", 404, desk=name)
        shown = local_only.is_open(request, local_only_open=self.local_only_open)
        calls = running.config.has_room and (self.calls or shown)
        desk, version = running.config.desk, running.version
        return self._render("try.html", desk=desk, version=version, turns_shown=shown, calls=calls)


def _static() -> Callable[[Request], Awaitable[Response]]:
    files = {file.name: file for file in (HERE / "static").iterdir() if file.is_file()}

    async def serve(request: Request) -> Response:
        file = files.get(request.path_params["file"])
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return FileResponse(file, headers=headers) if file else Response("No such file", 404)

    return serve


def routes(*, board: DeskBoard, desks: Versions, local_only_open: bool, calls: bool = False) -> list[Route]:
    """GET / and /chat/{desk}, and the pages' own files; `calls` says whether calls are connected."""
    pages = Pages(
        board=board,
        desks=desks,
        local_only_open=local_only_open,
        calls=calls,
        templates=drawing.environment(),
    )
    return [
        Route("/", pages.home, methods=["GET"]),
        Route("/chat/{desk}", pages.try_desk, methods=["GET"]),
        Route("/static/{file}", _static(), methods=["GET"]),
    ]
