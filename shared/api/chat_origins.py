"""Which pages may speak with a desk: our own, the sites its file names, and on a laptop any local one."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.requests import Request

from shared.api.problems import Refused
from shared.security.local_only import is_here

_ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Last-Event-ID, X-File-Name, X-Frontdesk-Session, "
    "X-Frontdesk-Customer, X-Frontdesk-Customer-Signature",
    "Access-Control-Expose-Headers": "Retry-After",
    "Access-Control-Max-Age": "7200",
}


def answer(request: Request, origins: Collection[str], *, local: bool) -> dict[str, str]:
    """The headers that let the calling page read the answer; none are needed for our own.

    `local` lets in pages of this machine. Raises Refused (403) for a page that is not let in, naming
    the setting. No cookies are involved, so no credentials are allowed.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return {"Vary": "Origin"}
    parts = urlsplit(origin)
    ours = parts.netloc == request.headers.get("host")
    if not (ours or origin in origins or "*" in origins or (local and is_here(parts.hostname))):
        raise Refused(
            403,
            f"The page {origin} may not use this desk; add it to channels.webchat.origins in its file.",
            headers={"Vary": "Origin"},
        )
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin", **_ALLOWED}
