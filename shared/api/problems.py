"""One form for every refusal: RFC 9457 problem details, saying what was wrong and what to do.

`answering` makes an endpoint tell its refusals itself, so that it reads the same behind the local
server and behind a Cloud Function, whatever application it is mounted in.
"""

import functools
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from shared.domain.errors import Forged, NotConnected, Permanent, Transient
from shared.security.access import Denied
from shared.security.local_only import SignInNeeded

Endpoint = Callable[[Request], Awaitable[Response]]

log = logging.getLogger(__name__)


class Refused(Permanent):
    """A request that is answered with a problem: `status` is HTTP's, the message is for whoever asked."""

    def __init__(
        self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: object
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = dict(headers or {})
        self.more = more  # members of the problem beside the standard ones


def problem(
    status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: object
) -> Response:
    """A response of type application/problem+json."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return Response(
        msgspec.json.encode(body | more),
        status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type="application/problem+json",
    )


def told(error: Exception) -> Response:
    """The problem an error is told as. What nobody foresaw is logged and told as a bare 500."""
    refused = refusal(error)
    return problem(refused.status, str(refused), headers=refused.headers, **refused.more)


def refusal(error: Exception) -> Refused:
    """An error as a refusal to whoever asked: a status, and words that give nothing internal away."""
    match error:
        case Refused():
            refused = error
        case HTTPException():
            refused = Refused(error.status_code, error.detail, headers=error.headers)
        case SignInNeeded():
            refused = Refused(401, str(error), headers={"WWW-Authenticate": "Bearer"})
        case Denied():
            refused = Refused(403, str(error))
        case Forged():
            refused = Refused(401, "The request is not signed by who it claims to come from.")
        case NotConnected():
            refused = Refused(503, str(error))
        case Transient():
            wait = str(max(1, round(error.retry_after or 1)))
            busy = "Something this needs is busy or out of reach. Try again."
            refused = Refused(503, busy, headers={"Retry-After": wait})
        case Permanent():
            refused = Refused(400, str(error))
        case _:
            trace = "".join(traceback.format_tb(error.__traceback__))  # places alone: words may be a person's
            log.error("request.failed", extra={"error": type(error).__name__, "trace": trace})
            refused = Refused(500, "Something went wrong on our side. It is logged.")
    return refused


def answering(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with every error told as a problem."""

    @functools.wraps(endpoint)
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody is there to read it; the log says why it ended
        except Exception as error:  # noqa: BLE001 the outermost place: an error must become an answer
            return told(error)

    return answer


async def _tell(_request: Request, error: Exception) -> Response:
    return told(error)


HANDLERS: dict[object, Callable[[Request, Exception], Awaitable[Response]]] = {
    HTTPException: _tell,
    Exception: _tell,
}
"""For an application: `Starlette(exception_handlers=HANDLERS)` tells unknown paths as problems too."""
