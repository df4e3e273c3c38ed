"""The voice room's door: who may call a desk from a page, and the token that lets them into a room.

A visitor is a secret session, as on web chat, and a site signs who is signed in there in the same words.
"""

from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, Router

from shared.api import chat_origins
from shared.api.chat_identity import customer_of
from shared.api.problems import Refused, answering, told
from shared.channels import webchat
from shared.channels.shape import Webhook
from shared.config.channels import WebchatSettings
from shared.config.versions import Published
from shared.desk.calls.document import find_call
from shared.desk.calls.enter import AllLinesBusy, enter
from shared.desk.services import Services
from shared.domain.errors import Forged
from shared.security import chat_limits
from shared.security.chat_limits import ChatLimit


def doors(services: Services, page: Sequence[BaseRoute], *, local: bool) -> Router:
    """POST /voice/{desk}/token and GET /voice/{desk}/calls/{call}, beside the page's own paths.

    `local` lets pages of this machine in. Where a call stands is told to its own caller alone.
    """
    limit = ChatLimit(services.ports.clock.now, chat_limits.CALLS, chat_limits.DESK_CALLS)

    async def token(request: Request) -> Response:
        running = await _desk(services, request)
        chat = running.config.channels.webchat or WebchatSettings()
        cors = chat_origins.answer(request, chat.origins, local=local)
        if request.method == "OPTIONS":  # the browser's question before the real request
            return Response(status_code=204, headers=cors)
        try:
            response = await _let_in(services, running, chat, limit, request)
        except Exception as error:  # noqa: BLE001 told here, so that the page may read it
            response = told(error)
        response.headers.update(cors)
        return response

    async def standing(request: Request) -> Response:
        running = await _desk(services, request)
        call = await find_call(services.tenant(running.tenant), request.path_params["call"])
        if call is None or (call.desk, call.contact) != (running.desk, _visitor(request)):
            raise Refused(404, "There is no such call of yours.")
        told = {"state": call.state, "outcome": call.outcome}
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    return Router(
        [
            *page,
            Route("/voice/{desk}/token", answering(token), methods=["POST", "OPTIONS"]),
            Route("/voice/{desk}/calls/{call}", answering(standing), methods=["GET"]),
        ]
    )


async def _desk(services: Services, request: Request) -> Published:
    desk = request.path_params["desk"]
    running = await services.versions.published(desk)
    if running is None or not running.config.has_room:
        raise Refused(404, f"No desk {desk!r} answers calls from the browser here.")
    return running


async def _let_in(
    services: Services, running: Published, chat: WebchatSettings, limit: ChatLimit, request: Request
) -> Response:
    visitor = _visitor(request)
    limit.take(running.desk, visitor)
    customer = await customer_of(request.headers, chat, services.ports.secrets, running.tenant)
    try:
        entrance = await enter(
            services, running, visitor, external_id=customer, language=webchat.language(_webhook(request))
        )
    except AllLinesBusy as busy:
        wait = {"Retry-After": f"{busy.retry_after:.0f}"}
        raise Refused(503, str(busy), headers=wait, busy=True) from busy
    return JSONResponse(msgspec.to_builtins(entrance), status_code=201, headers={"Cache-Control": "no-store"})


def _webhook(request: Request) -> Webhook:
    return Webhook(
        method=request.method,
        url=str(request.url),
        query=request.query_params,
        headers=request.headers.items(),
        body=b"",
    )


def _visitor(request: Request) -> str:
    """Who calls, by their secret session. Raises Refused (401) without one nobody could guess."""
    webhook = _webhook(request)
    try:
        webchat.verify(webhook, ())
    except Forged as error:
        raise Refused(401, str(error)) from error
    return webchat.visitor(webhook.header(webchat.SESSION) or "")
