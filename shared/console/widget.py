"""The widget as one script, so that a business embeds one address; its source stays in readable modules.

The modules use only `import { names } from "./file.js"` and `export` before a declaration, and share
no top-level name; joined in the order they need each other they are one scope, so both words can go.
"""

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).parent / "static" / "widget"
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(?P<file>[\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(async )?(function|class|const)\b)", re.MULTILINE)


def _in_order(entry: str) -> list[str]:
    """The entry and everything it imports, each after what it needs."""
    order: list[str] = []

    def visit(name: str) -> None:
        for match in _IMPORT.finditer((FOLDER / name).read_text("utf-8")):
            visit(match["file"])
        if name not in order:
            order.append(name)

    visit(entry)
    return order


def bundle() -> str:
    """The script of /widget.js."""
    sources = (
        _EXPORT.sub("", _IMPORT.sub("", (FOLDER / name).read_text("utf-8")))
        for name in _in_order("widget.js")
    )
    styles = json.dumps((FOLDER / "widget.css").read_text("utf-8"), ensure_ascii=False)
    body = "\n".join(sources)
    trouble = "(error) => console.warn(`Frontdesk: ${error.message}`)"
    begin = f"start(document.currentScript, {styles}).catch({trouble});"
    return f'(() => {{\n"use strict";\n{body}\n{begin}\n}})();\n'


@lru_cache(maxsize=1)
def _kept(_changed: float) -> tuple[bytes, str]:
    script = bundle().encode()
    return script, f'"{hashlib.sha256(script).hexdigest()[:16]}"'


async def _serve(request: Request) -> Response:
    script, tag = _kept(max(file.stat().st_mtime for file in FOLDER.iterdir()))
    headers = {
        "ETag": tag,
        "Cache-Control": "public, max-age=300",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(script, media_type="text/javascript", headers=headers)


def routes() -> list[Route]:
    """GET /widget.js."""
    return [Route("/widget.js", _serve, methods=["GET"])]
