"""Who we are to Google's APIs, and whether a caller is the Google service it claims to be.

A receiver signs in within its first request, so this fetches its token straight from the metadata server:
google-auth's own way there loads requests first, four times as slow as all of this file.
"""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.domain.errors import Forged, NotConnected, Transient

METADATA = "http://metadata.google.internal"
CERTIFICATES = "https://www.googleapis.com/oauth2/v1/certs"
ISSUERS = ("accounts.google.com", "https://accounts.google.com")
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
EARLY = 120.0  # seconds before its end at which a token is renewed
SKEW = 10  # seconds that Google's clock and ours may differ
SOONEST = 60.0  # seconds between two looks at the certificates, whoever sends unknown keys


@dataclass(slots=True)
class AccessTokens:
    """Our own access token, kept until shortly before it ends.

    From the metadata server on Google Cloud, from the developer's own sign-in elsewhere.
    """

    metadata: str = METADATA
    _token: str = ""
    _until: float = 0.0
    _renewal: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, http: httpx.AsyncClient) -> str:
        """A token that is good for some minutes, asked for through `http` where it is renewed.

        Raises NotConnected where nobody signed in, Transient where Google does not answer.
        """
        async with self._renewal:
            if time.monotonic() >= self._until:
                self._token, seconds = await self._renewed(http)
                self._until = time.monotonic() + seconds - EARLY
            return self._token

    def forget(self) -> None:
        """Take a new one next time: this one was refused."""
        self._until = 0.0

    async def _renewed(self, http: httpx.AsyncClient) -> tuple[str, float]:
        address = f"{self.metadata}/computeMetadata/v1/instance/service-accounts/default/token"
        try:
            answer = await http.get(address, headers={"Metadata-Flavor": "Google"}, timeout=3.0)
        except httpx.TransportError:
            return await asyncio.to_thread(_signed_in)
        if answer.status_code != httpx.codes.OK:
            raise Transient(f"the metadata server gave no token (HTTP {answer.status_code})", retry_after=1.0)
        token = answer.json()
        return token["access_token"], float(token["expires_in"])


def _signed_in() -> tuple[str, float]:
    """The token of whoever signed in on this machine."""
    import google.auth  # noqa: PLC0415  # never on Google Cloud, where start time matters
    from google.auth import exceptions  # noqa: PLC0415
    from google.auth.transport.requests import Request  # noqa: PLC0415

    try:
        credentials, _ = google.auth.default(scopes=SCOPES)
        credentials.refresh(Request())  # type: ignore[no-untyped-call]
    except exceptions.DefaultCredentialsError as error:
        raise NotConnected(
            "no Google credentials here; run `gcloud auth application-default login`"
        ) from error
    except (exceptions.RefreshError, exceptions.TransportError) as error:
        raise Transient("Google did not renew the sign-in of this machine", retry_after=5.0) from error
    return str(credentials.token), EARLY + SOONEST


@dataclass(slots=True)
class Certificates:
    """Google's public keys by key id, kept for as long as Google says."""

    address: str = CERTIFICATES
    _keys: Mapping[str, str] = field(default_factory=dict)
    _read: float = 0.0
    _until: float = 0.0

    async def having(self, key: str) -> Mapping[str, str]:
        """The keys, read anew where they are old or do not know `key`. Raises Transient."""
        now = time.monotonic()
        unknown = key not in self._keys and now > self._read + SOONEST
        if not self._keys or now > self._until or unknown:
            await self._fetch(now)
        return self._keys

    async def _fetch(self, now: float) -> None:
        try:
            async with httpx.AsyncClient(timeout=5.0) as http:
                answer = (await http.get(self.address)).raise_for_status()
        except httpx.HTTPError as error:
            raise Transient("Google's certificates are out of reach", retry_after=1.0) from error
        age = re.search(r"max-age=(\d+)", answer.headers.get("cache-control", ""))
        self._keys = answer.json()
        self._read, self._until = now, now + float(age[1] if age else SOONEST)


_GOOGLES = Certificates()


async def verify_caller(
    authorization: str | None, audience: str, service_account: str, *, certificates: Certificates = _GOOGLES
) -> None:
    """Return if `authorization` bears a token of that service account, made for us by Google.

    `audience` is the address the push subscription or task was told to name. Raises Forged, which
    never says what was wrong, and Transient where the certificates are out of reach.
    https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
    """
    from google.auth import exceptions, jwt  # noqa: PLC0415  # receivers of webhooks never come here

    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise _forged()
    try:
        key = str(jwt.decode_header(token).get("kid"))  # type: ignore[no-untyped-call]
        keys = await certificates.having(key)
        claims: dict[str, Any] = jwt.decode(  # type: ignore[no-untyped-call]
            token, certs=keys, audience=audience, clock_skew_in_seconds=SKEW
        )
    except (exceptions.GoogleAuthError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _forged() from error
    ours = claims.get("email") == service_account and claims.get("email_verified") is True
    if not ours or claims.get("iss") not in ISSUERS:
        raise _forged()


def _forged() -> Forged:
    return Forged(
        "the caller's identity was refused; push subscriptions and queues sign with our own account"
    )
