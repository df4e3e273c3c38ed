"""One call to a vendor, told apart by the one thing a sender must know: whether it may have arrived."""

from typing import TYPE_CHECKING, Any

from shared.channels.shape import Account, Unknown
from shared.channels.vendor_json import Item, decode
from shared.domain.errors import Malformed, NotConnected, Permanent, Transient

if TYPE_CHECKING:
    import httpx


async def call(http: "httpx.AsyncClient", method: str, url: str, **parts: Any) -> "httpx.Response | Unknown":
    """The vendor's answer, or Unknown where the line broke or went silent after the request had gone out.

    Raises Transient where no connection was made, Permanent where the address cannot be one.
    """
    import httpx  # noqa: PLC0415 - receivers import channels at cold start and send nothing

    try:
        return await http.request(method, url, follow_redirects=False, **parts)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
        raise Transient(
            f"no connection to {httpx.URL(url).host}: {type(error).__name__}; check network and address"
        ) from error
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
        raise Permanent("the vendor's address or credential cannot be sent; check the setting") from error
    except httpx.TransportError as error:
        return Unknown(f"{type(error).__name__} after the request to {httpx.URL(url).host} had gone out")


def body_of(response: "httpx.Response") -> Item:
    """The object in an answer; empty where the answer is something else."""
    try:
        return decode(response.content)
    except Malformed:
        return {}


def wait_of(response: "httpx.Response") -> float | None:
    """The seconds a `Retry-After` header asks for, at most an hour; None where it says nothing usable."""
    value = response.headers.get("retry-after", "")
    return min(float(value), 3600.0) if value.isdecimal() and len(value) < 10 else None


def credential(account: Account, name: str) -> str:
    """One of the account's credentials. Raises NotConnected naming it where it is missing."""
    value = account.credentials.get(name)
    if not value:
        raise NotConnected(
            f"the account {account.id} has no {name}; set it in the desk's channel or the environment"
        )
    return value
