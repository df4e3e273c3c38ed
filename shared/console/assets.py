"""The console's own files and the browser libraries, under a name that changes with what they hold.

The name is a folder, so that modules find each other beside them; whatever is under today's name may
be kept for a year.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

HERE = Path(__file__).parent
OWN = HERE / "static" / "console"
OF_CALLS = HERE / "static" / "voice"
FETCHED = HERE / "dist"
LIBRARIES = ("htmx.min.js", "idiomorph-ext.min.js", "sse.min.js")
"""What `.ci/assets` brings for every page, in the order pages load them."""
CALLS = "livekit-client.umd.js"
"""It brings this too: what carries the sound of a call; a page loads it when there is one."""

WORKER = "worker.js"

_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_FOREVER = "public, max-age=31536000, immutable"


class Assets:
    """The files of some folders, as they are now: an edit is seen by the next page."""

    def __init__(
        self, folders: Sequence[Path] = (OWN, OF_CALLS, FETCHED, HERE / "static"), at: str = "/console/static"
    ) -> None:
        self._folders = folders
        self._at = at
        self._known: tuple[tuple[tuple[str, int], ...], dict[str, Path], str] | None = None

    def url(self, name: str) -> str:
        """Where a page finds a file."""
        return f"{self._at}/{self._now()[1]}/{name}"

    @property
    def libraries(self) -> tuple[str, ...]:
        """The libraries that are there; fewer than LIBRARIES until `.ci/assets` brought them."""
        files, _ = self._now()
        return tuple(name for name in LIBRARIES if name in files)

    def has(self, name: str) -> bool:
        """Whether a file is there."""
        return name in self._now()[0]

    def routes(self) -> list[Route]:
        """GET {at}/{version}/{file}, and beside the console's pages /console/worker.js."""
        served = Route(f"{self._at}/{{version}}/{{file}}", self._serve, methods=["GET"])
        if OWN not in self._folders:
            return [served]
        return [served, Route(f"/console/{WORKER}", self._serve_worker, methods=["GET"])]

    async def _serve(self, request: Request) -> Response:
        files, version = self._now()
        file = files.get(request.path_params["file"])
        if file is None:
            return Response("No such file", 404)
        kept = _FOREVER if request.path_params["version"] == version else "no-cache"
        headers = {"Cache-Control": kept, "X-Content-Type-Options": "nosniff"}
        return FileResponse(file, headers=headers, media_type=_TYPES[file.suffix])

    async def _serve_worker(self, _: Request) -> Response:
        """The service worker, beside the pages it is for: its scope is the folder of its address."""
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": "default-src 'none'"}
        return FileResponse(OWN / WORKER, headers=headers, media_type=_TYPES[".js"])

    def _now(self) -> tuple[dict[str, Path], str]:
        found = [
            (file, file.stat().st_mtime_ns)
            for folder in self._folders
            if folder.is_dir()
            for file in sorted(folder.iterdir())
            if file.suffix in _TYPES
        ]
        seen = tuple((str(file), changed) for file, changed in found)
        if self._known is None or self._known[0] != seen:
            held = hashlib.sha256()
            for file, _ in found:
                held.update(file.name.encode() + file.read_bytes())
            self._known = seen, {file.name: file for file, _ in found}, held.hexdigest()[:12]
        return self._known[1], self._known[2]
