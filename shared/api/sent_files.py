"""Serves files that people sent to vendors that fetch them, to whoever knows a file's own random name."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.api import chat_files
from shared.api.problems import answering
from shared.desk.attach import LINK
from shared.desk.services import Services


def routes(services: Services) -> list[Route]:
    """GET /files/{tenant}/{conversation}/{file}: the bytes; 404 for a name that was never given.

    What a visitor uploaded is their session's alone, and has no such address.
    """

    async def serve(request: Request) -> Response:
        given = request.path_params
        store = services.tenant(given["tenant"])
        place = given["conversation"], given["file"]
        return await chat_files.serve(store, services.ports.blobs, *place, sent=True)

    return [Route(LINK, answering(serve), methods=["GET"])]
