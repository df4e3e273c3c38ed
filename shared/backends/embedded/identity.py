"""Whether a caller is this very process: a token that nobody else ever sees stands in for Google's."""

import hmac
import secrets

from shared.domain.errors import Forged

_TOKEN = secrets.token_urlsafe(32)


def authorization() -> str:
    """The Authorization header with which this process calls its own handlers."""
    return f"Bearer {_TOKEN}"


async def verify_caller(given: str | None, audience: str = "", service_account: str = "") -> None:
    """Return if `given` is this process's own header. Raises Forged. The other two are Google's."""
    del audience, service_account
    if not hmac.compare_digest((given or "").encode(errors="replace"), authorization().encode()):
        raise Forged("the caller is not this process; handlers of events and timers are not for others")
