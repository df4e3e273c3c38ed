"""The voice room: the page on which customers call a desk from their browser."""

from dataclasses import dataclass

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from shared.config.board import DeskBoard
from shared.config.versions import Published, Versions
from shared.console import drawing
from shared.console.assets import CALLS, FETCHED, HERE, Assets
from shared.console.call_origins import call_origins
from shared.security import local_only

STATIC = "/voice/static"
_HEADERS = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_POLICY = (
    "default-src 'self'; connect-src 'self' {calls}; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePage:
    """The page, with what it shows."""

    board: DeskBoard
    desks: Versions
    assets: Assets
    livekit: str  # LiveKit's address, empty where none is connected
    local_only_open: bool
    templates: Environment

    async def show(self, request: Request) -> Response:
        """GET /voice/{desk}: one big button, and the call; 404 where the desk takes none."""
        name = request.path_params["desk"]
        running = await self.desks.published(name)
        if running is None:
            return self._draw("missing.html", 404, desk=name)
        trouble = self._trouble(running)
        shown = await self._shown(request, running)
        return self._draw("voice.html", 404 if trouble == "off" else 200, trouble=trouble, **shown)

    def _trouble(self, running: Published) -> str:
        """Why nobody can call now, in a word the page's script knows; empty where they can."""
        if not running.config.has_room:
            return "off"
        if not self.livekit or not self.assets.has(CALLS):
            return "unconnected"
        return ""

    async def _shown(self, request: Request, running: Published) -> dict[str, object]:
        config, model = running.config, await self.board.model()
        chat = config.channels.webchat
        recording = config.voice.recording
        return {
            "desk": config.desk,
            "languages": " ".join(config.desk.languages),
            "chats": chat is not None and chat.enabled,
            "model": model,
            "recording": recording.consent if recording.enabled else "",
            "here": local_only.is_open(request, local_only_open=self.local_only_open),
            "library": self.assets.url(CALLS) if self.assets.has(CALLS) else "",
            "livekit": bool(self.livekit),
        }

    def _draw(self, template: str, status: int, **shown: object) -> Response:
        html = self.templates.get_template(template).render(shown)
        policy = _POLICY.format(calls=call_origins(self.livekit))
        return HTMLResponse(html, status, {**_HEADERS, "Content-Security-Policy": policy})


def routes(*, board: DeskBoard, desks: Versions, livekit: str, local_only_open: bool) -> list[Route]:
    """GET /voice/{desk}, and the page's own files."""
    static = HERE / "static"
    assets = Assets((static / "voice", static / "widget", FETCHED), STATIC)
    templates = drawing.environment()
    templates.globals["asset"] = assets.url
    page = VoicePage(
        board=board,
        desks=desks,
        assets=assets,
        livekit=livekit,
        local_only_open=local_only_open,
        templates=templates,
    )
    return [Route("/voice/{desk}", page.show, methods=["GET"]), *assets.routes()]
