"""Fetches what a customer sent through Meta: from Meta's own hosts with the token, from nowhere else."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.channels.media_types import true_type
from shared.domain.errors import Permanent, Transient
from shared.security.egress import origin_of, safe_fetch

if TYPE_CHECKING:
    import httpx

HOSTS = (".fbsbx.com", ".fbcdn.net", ".facebook.com", ".whatsapp.net", ".cdninstagram.com", ".instagram.com")


async def download(
    http: "httpx.AsyncClient",
    url: str,
    *,
    kind: str,
    claimed: str,
    most: int,
    api_url: str,
    sha256: str = "",
    headers: Mapping[str, str] | None = None,
) -> tuple[bytes, str]:
    """The bytes at a URL Meta named and their true type. Raises Permanent or Transient.

    `headers` may hold the token: a host that is not Meta's, nor of the operator's `api_url`, is not called.
    """
    host = urlsplit(url).hostname or ""
    if origin_of(url) != origin_of(api_url) and not f".{host}".endswith(HOSTS):
        raise Permanent("the media's address is not one of Meta's; it was not fetched")
    fetched = await safe_fetch(http, url, headers=headers, most=most, seconds=30, trusted=[api_url])
    if fetched.status >= 500 or fetched.status == 429:
        raise Transient(f"Meta answered {fetched.status} for a customer's media")
    if fetched.status != 200:
        raise Permanent(f"Meta answered {fetched.status} for a customer's media; its address may have ended")
    if sha256 and hashlib.sha256(fetched.content).hexdigest() != hexadecimal(sha256):
        raise Transient("a customer's media does not have the digest Meta named; it may have come in part")
    return fetched.content, true_type(
        fetched.content, claimed or fetched.headers.get("content-type", ""), kind
    )


def hexadecimal(sha256: str) -> str:
    """A digest in hexadecimal, which Meta writes so in some places and in base64 in others."""
    if len(sha256) == 64:
        return sha256.lower()
    try:
        return base64.b64decode(sha256, validate=True).hex()
    except (binascii.Error, ValueError):
        return ""
