"""What the doors to the outside serve: each site's paths, put together from what a process has opened."""

from typing import TYPE_CHECKING

from starlette.routing import Router

from shared.api.compressed import compressed
from shared.config.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from shared.api.board import Board
    from shared.desk.services import Services

# ruff: noqa: PLC0415 - each site loads its own parts, when it is first asked for


def chat(services: "Services", board: "Board", settings: Settings) -> "ASGIApp":
    """The paths of web chat, with the widget and the page to try a desk."""
    from shared.api import chat
    from shared.console import pages, widget

    desks, local, calls = services.versions, settings.embedded, bool(settings.livekit_url)
    paths = [
        *chat.routes(ports=services.ports, desks=desks, board=board, local=local),
        *pages.routes(board=board, desks=desks, local_only_open=local, calls=calls),
        *widget.routes(),
    ]
    return compressed(Router(paths))


def voice(services: "Services", board: "Board", settings: Settings) -> "ASGIApp":
    """The page of a desk's voice room, and the tokens that let callers in."""
    from shared.api.voice import doors
    from shared.console.voice_page import routes

    livekit, local = settings.livekit_url, settings.embedded
    page = routes(board=board, desks=services.versions, livekit=livekit, local_only_open=local)
    return compressed(doors(services, page, local=local))


def console(services: "Services", board: "Board", settings: Settings) -> "ASGIApp":
    """The pages people look at."""
    from shared.console.site import site

    given, local, livekit = settings.public_url.rstrip("/"), settings.embedded, settings.livekit_url
    return compressed(site(services, board, address=given, local=local, livekit=livekit))


def api(services: "Services", board: "Board", settings: Settings) -> "ASGIApp":
    """The REST resources, and whether this process is ready."""
    from shared.api.resources import resources

    return compressed(resources(services, board, local=settings.embedded))
