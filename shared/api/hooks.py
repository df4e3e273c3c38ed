"""Addresses that others call to end a run's wait; whoever has one may, and nobody else can guess it."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.api.asked import found, json_as
from shared.api.chat_files import body_within
from shared.desk.runs.hooks import PATH
from shared.desk.runs.signal import LARGEST, hear_hook
from shared.desk.services import Services


def routes(services: Services) -> list[Route]:
    """POST /api/v1/hooks/{address}, with JSON that the step behind the wait can read.

    What is sent again, under the same `webhook-id` or in the same words, counts once.
    """

    async def hear(request: Request) -> Response:
        body = await body_within(request, LARGEST)
        once = request.headers.get("webhook-id", "")
        value = json_as(body, object)
        await hear_hook(services, str(request.path_params["address"]), value, once=once)
        return JSONResponse({"heard": True}, 202, headers={"Cache-Control": "no-store"})

    return [Route(PATH + "/{address}", found(hear), methods=["POST"])]
