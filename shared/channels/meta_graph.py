"""Meta's Graph API carries WhatsApp's and Instagram's sends alike: the call, and what its answers mean."""

import re
from typing import TYPE_CHECKING, Any

from shared.channels.meta_errors import failure
from shared.channels.shape import Account, Outcome, Rejected, Sent, Unknown
from shared.channels.vendor_call import body_of, call, credential, wait_of
from shared.channels.vendor_json import Item, mapping
from shared.domain.errors import Permanent, Transient
from shared.domain.events import Failure

if TYPE_CHECKING:
    import httpx

VERSION = "v25.0"  # the shape of what we send and read; each lives about two years
_PINNED = re.compile(r"/v\d+\.\d+$")


def address(account: Account, path: str) -> str:
    """The full address of a node or edge, e.g. `{phone_number_id}/messages`; an address may pin a version."""
    base = account.api_url.rstrip("/")
    return f"{base}/{path}" if _PINNED.search(base) else f"{base}/{VERSION}/{path}"


def bearer(account: Account) -> dict[str, str]:
    """The header that proves who we are."""
    return {"authorization": f"Bearer {credential(account, 'access_token')}"}


async def post(
    http: "httpx.AsyncClient", account: Account, path: str, **parts: Any
) -> Item | Rejected | Unknown:
    """The object Meta answered with, or why there is none. Raises Transient where no connection was made."""
    response = await call(http, "POST", address(account, path), headers=bearer(account), **parts)
    if isinstance(response, Unknown):
        return response
    body = body_of(response)
    if mapping(body, "error"):
        return Rejected(failure(mapping(body, "error"), retry_after=wait_of(response)))
    if response.is_success:
        return body
    return _wordless(response)


async def ask(http: "httpx.AsyncClient", account: Account, path: str) -> Item:
    """The object a read answered with. Raises Transient or Permanent with Meta's code."""
    response = await call(http, "GET", address(account, path), headers=bearer(account))
    if isinstance(response, Unknown):
        raise Transient(f"Meta did not answer a read: {response.detail}")
    body = body_of(response)
    if response.is_success and not mapping(body, "error"):
        return body
    refused = failure(mapping(body, "error"), retry_after=wait_of(response))
    if refused.action in ("retry", "slow_down") or response.status_code >= 500 or response.status_code == 429:
        raise Transient(f"Meta refused a read with code {refused.code}", retry_after=refused.retry_after)
    raise Permanent(f"Meta refused a read with code {refused.code}: {refused.title}")


def outcome(answer: Item | Rejected | Unknown, message_id: str) -> Outcome:
    """What became of a send, given the id found in its answer."""
    if not isinstance(answer, dict):
        return answer
    return Sent(message_id) if message_id else Unknown("Meta accepted the request and named no message")


def _wordless(response: "httpx.Response") -> Rejected | Unknown:
    """An answer without Meta's error object comes from something in between."""
    status, code = response.status_code, f"http_{response.status_code}"
    if status == 429:
        return Rejected(Failure(code=code, action="slow_down", retry_after=wait_of(response) or 30))
    if status >= 500:
        return Unknown(f"HTTP {status} without a reason")
    if status in (401, 403):
        return Rejected(Failure(code=code, title="not authorised", action="page"))
    return Rejected(Failure(code=code, title="the address did not take the request", action="fix_config"))
