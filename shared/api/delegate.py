"""Lets one door answer for a family of paths: its response is the router that answers."""

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send


class Delegated(Response):
    """A response that is given by `app` when it is sent."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__()
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does."""
        await self._app(scope, receive, send)
