"""Meta's handshake when a webhook is connected: it sends a word and wants another one back."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from shared.channels.meta_signature import handshake
from shared.domain.errors import Forged


def subscribe(request: Request, verify_token: str) -> Response:
    """The challenge where the verify token is ours, else 403."""
    try:
        return PlainTextResponse(handshake(dict(request.query_params), verify_token))
    except Forged:
        return PlainTextResponse("verify token refused: set META_VERIFY_TOKEN to the one at Meta\n", 403)
