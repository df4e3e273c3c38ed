"""The one way out to an address we did not choose: checked, pinned to the checked address, capped.

A name is resolved once, every address it has is checked, and the connection goes to one of these
addresses with the name kept for TLS and Host; so a name that resolves elsewhere a moment later gains
nothing. Each redirect passes the same gate. An operator's own origins (a vendor's address in the
settings, e.g. of a stand-in) are trusted; a tenant's never are.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

from shared.domain.errors import Permanent, Transient

if TYPE_CHECKING:
    import httpx

Resolve = Callable[[str, int], Awaitable[list[str]]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 3
_TRANSITION = [  # ranges that carry an IPv4 address inside, whatever `is_global` says of them
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "fec0::/10")
]
_KEPT_ON_REDIRECT = ("accept", "accept-language", "user-agent")


class Blocked(Permanent):
    """An address that may not be called; the message says which rule, never what lies behind it."""


class TooLarge(Permanent):
    """An answer larger than the caller takes."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, read to its end. `url` is where it came from after redirects."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    content: bytes
    url: str


async def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the system's resolver knows them. Raises Transient where it knows none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Transient(f"{host!r} has no address; check the spelling") from error
    return [str(entry[4][0]) for entry in found]


def is_public(address: str) -> bool:
    """Whether an IP address lies on the open internet, also once everything wrapped around it is off."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if isinstance(parsed, ipaddress.IPv6Address) and any(parsed in net for net in _TRANSITION):
        return False
    return parsed.is_global and not (parsed.is_multicast or parsed.is_reserved or parsed.is_unspecified)


def check_url(url: str, *, trusted: Collection[str] = ()) -> SplitResult:
    """The parts of a URL whose form is allowed. Raises Blocked with the rule it breaks.

    `trusted` holds origins, e.g. `http://127.0.0.1:8090`, that an operator's settings name.
    """
    if len(url) > 2048 or any(ord(char) <= 32 or ord(char) == 127 or char == "\\" for char in url):
        raise Blocked(
            "the address has spaces, control characters or backslashes, or is over 2,048 characters"
        )
    try:
        parts, port = urlsplit(url), urlsplit(url).port
    except ValueError as error:
        raise Blocked("the address is not a URL") from error
    if not parts.hostname or "%" in parts.hostname:
        raise Blocked("the address names no host")
    if parts.username is not None or parts.password is not None:
        raise Blocked("the address carries a user name; credentials belong in a credential")
    if origin_of(url) in trusted:
        return parts
    if parts.scheme != "https" or port not in (None, 443):
        raise Blocked("only https on port 443 may be called")
    return parts


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, in one spelling; empty for what is no URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return ""
    return f"{parts.scheme}://{(parts.hostname or '').rstrip('.')}:{port}"


async def safe_fetch(
    http: "httpx.AsyncClient",
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    most: int = 5_000_000,
    seconds: float = 10.0,
    trusted: Collection[str] = (),
    resolve: Resolve = resolve,
) -> Fetched:
    """Call an address somebody else named; at most `most` bytes and `seconds` seconds over all redirects.

    `trusted` holds the origins that operators' settings name. `headers` go to the first origin only.
    Raises Blocked, TooLarge, or Transient where the other side is out of reach or too slow.
    """
    call = _Call(method, url, dict(headers or {}), content)
    gate = _Gate(frozenset(origin_of(one) for one in trusted), resolve, most)
    try:
        async with asyncio.timeout(seconds):
            for _ in range(_MOST_REDIRECTS + 1):
                fetched = await _hop(http, call, gate)
                target = fetched.headers.get("location")
                if fetched.status not in _REDIRECTS or not target:
                    return fetched
                call = _onward(call, target, fetched.status)
    except TimeoutError as error:
        raise Transient(f"no full answer within {seconds:g} s") from error
    raise Blocked(f"more than {_MOST_REDIRECTS} redirects")


@dataclass(frozen=True, slots=True)
class _Call:
    """One request, as it would go without the gate."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes | None


@dataclass(frozen=True, slots=True)
class _Gate:
    """What every hop passes."""

    trusted: Collection[str]  # origins
    resolve: Resolve
    most: int  # bytes


def _onward(call: _Call, location: str, status: int) -> _Call:
    """The request a redirect asks for: without our secrets on another origin, without a body after a 303."""
    try:
        target = urljoin(call.url, location)
    except ValueError as error:
        raise Blocked("a redirect names no URL") from error
    headers = call.headers
    if origin_of(target) != origin_of(call.url):
        headers = {name: value for name, value in headers.items() if name.lower() in _KEPT_ON_REDIRECT}
    if status in (301, 302, 303) and call.method != "HEAD":
        return _Call("GET", target, headers, None)
    return _Call(call.method, target, headers, call.content)


async def _hop(http: "httpx.AsyncClient", call: _Call, gate: _Gate) -> Fetched:
    """One request to one checked address."""
    import httpx  # noqa: PLC0415 - channels import this file in receivers, which call nobody

    parts = check_url(call.url, trusted=gate.trusted)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        url = httpx.URL(call.url)
        name = url.raw_host.decode("ascii")
        trusted = origin_of(call.url) in gate.trusted and name == parts.hostname  # both readers agree
        address = await _pinned(name, port, gate.resolve, trusted=trusted)
        request = http.build_request(
            call.method,
            url.copy_with(host=address, fragment=None),
            headers={**call.headers, **_own_headers(url.netloc.decode("ascii"))},
            content=call.content,
            extensions={"sni_hostname": name},
        )
        response = await http.send(request, stream=True, follow_redirects=False)
        try:
            body = await _read(response, gate.most)
        finally:
            await response.aclose()
    except httpx.InvalidURL as error:
        raise Blocked("the address is not a URL") from error
    except httpx.TransportError as error:
        raise Transient(f"{parts.hostname} is out of reach: {type(error).__name__}") from error
    return Fetched(response.status_code, dict(response.headers), body, call.url)


def _own_headers(host: str) -> dict[str, str]:
    """The true host; no compression, for it may unfold; no reuse, for pools know connections by address."""
    return {"host": host, "accept-encoding": "identity", "connection": "close"}


async def _pinned(host: str, port: int, resolve: Resolve, *, trusted: bool) -> str:
    """The address to connect to. All addresses of a name must be allowed, or none is."""
    addresses = await resolve(host, port)
    if not addresses:
        raise Transient(f"{host!r} has no address; check the spelling")
    if not trusted and not all(is_public(address) for address in addresses):
        raise Blocked(f"{host!r} does not lie on the open internet")
    return addresses[0]


async def _read(response: "httpx.Response", most: int) -> bytes:
    """The body, given up as soon as it is too large; a compressed one is refused, for it may unfold."""
    if response.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise TooLarge("the answer is compressed though none was asked for")
    held = bytearray()
    async for chunk in response.aiter_raw():
        held += chunk
        if len(held) > most:
            raise TooLarge(f"the answer is larger than {most:,} bytes")
    return bytes(held)
