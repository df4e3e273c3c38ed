"""Who may call a handler: Google's services with our own account, and nobody else."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from google.auth import crypt, jwt
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.backends.google import identity
from shared.backends.google.identity import AccessTokens, Certificates, verify_caller
from shared.domain.errors import Forged, NotConnected, Transient
from tests.standins.serving import serving

AUDIENCE = "https://record-message.example.run.app"
ACCOUNT = "push@p.iam.gserviceaccount.com"


def key_pair():
    """A private key in PEM, and the self-signed certificate of its public half."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM).decode()


OURS, THEIRS, LATER = key_pair(), key_pair(), key_pair()


def claims(**changed):
    now = int(time.time())
    told = {
        "iss": "https://accounts.google.com",
        "aud": AUDIENCE,
        "email": ACCOUNT,
        "email_verified": True,
        "iat": now,
        "exp": now + 86_400,
        "sub": "1",
    }
    return {name: value for name, value in (told | changed).items() if value is not None}


def bearer(told, *, key=OURS, kid="k1"):
    return f"Bearer {jwt.encode(crypt.RSASigner.from_string(key[0], kid), told).decode()}"


def by_hand(header, told, signature=b""):
    parts = (json.dumps(header).encode(), json.dumps(told).encode(), signature)
    return "Bearer " + ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


class Google:
    """The certificates' endpoint."""

    def __init__(self):
        self.keys = {"k1": OURS[1]}
        self.asked = 0
        self.app = Starlette(routes=[Route("/certs", self._certs)])

    async def _certs(self, request):
        self.asked += 1
        return JSONResponse(self.keys, headers={"Cache-Control": "public, max-age=19000, must-revalidate"})


@pytest.fixture
async def google():
    google = Google()
    async with serving(google.app) as address:
        google.certificates = Certificates(f"{address}/certs")
        yield google


async def verify(google, header):
    await verify_caller(header, AUDIENCE, ACCOUNT, certificates=google.certificates)


@pytest.mark.parametrize("issuer", ["accounts.google.com", "https://accounts.google.com"])
async def test_googles_call_with_our_account_is_let_in(google, issuer):
    """Both spellings of the issuer are Google's; the certificates are read once for many calls."""
    for _ in range(3):
        await verify(google, bearer(claims(iss=issuer)))

    assert google.asked == 1


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer ü.ü.ü",
        "Basic dXNlcjpwYXNz",
        bearer(claims()).replace("Bearer ", ""),
        bearer(claims(aud="https://take-turn.example.run.app")),
        bearer(claims(aud=None)),
        bearer(claims(email="push@q.iam.gserviceaccount.com")),
        bearer(claims(email=None)),
        bearer(claims(email_verified=False)),
        bearer(claims(email_verified="true")),
        bearer(claims(email_verified=None)),
        bearer(claims(iss="https://accounts.google.com.evil.example")),
        bearer(claims(iss=None)),
        bearer(claims(exp=int(time.time()) - 60)),
        bearer(claims(exp=None)),
        bearer(claims(iat=int(time.time()) + 86_400)),
        bearer(claims(), key=THEIRS),
        bearer(claims(), key=THEIRS, kid="k2"),
        bearer(claims())[:-9] + "AAAAAAAAA",
        by_hand({"alg": "none", "kid": "k1"}, claims()),
        by_hand({"alg": "none"}, claims()),
        by_hand({"alg": "HS256", "kid": "k1"}, claims(), b"x" * 32),
        by_hand({"alg": "RS256", "kid": "k1"}, claims(), b"x" * 256),
        by_hand({"alg": "RS256", "kid": ["k1"]}, claims(), b"x"),
        by_hand([], claims()),
        by_hand({"alg": "RS256", "kid": "k1"}, []),
    ],
    ids=str,
)
async def test_anybody_else_is_forged(google, header):
    """Whatever is wrong, the answer is the same and says nothing of which check failed."""
    with pytest.raises(Forged) as forged:
        await verify(google, header)

    assert str(forged.value) == str(identity._forged())


async def test_a_rotated_key_is_found_and_unknown_keys_do_not_flood_google(google, monkeypatch):
    """A key id never seen has the certificates read again, but once a minute at most."""
    await verify(google, bearer(claims()))
    google.keys["k3"] = LATER[1]
    with pytest.raises(Forged):
        await verify(google, bearer(claims(), key=LATER, kid="k3"))
    assert google.asked == 1

    google.certificates._read -= identity.SOONEST + 1
    await verify(google, bearer(claims(), key=LATER, kid="k3"))
    with pytest.raises(Forged):
        await verify(google, bearer(claims(), key=LATER, kid="k4"))
    assert google.asked == 2


async def test_certificates_out_of_reach_are_transient():
    """The caller may be right: it is asked to come again."""
    with pytest.raises(Transient):
        await verify_caller(
            bearer(claims()), AUDIENCE, ACCOUNT, certificates=Certificates("http://127.0.0.1:1/certs")
        )


async def token_of(metadata):
    async with httpx.AsyncClient() as http:
        return await AccessTokens(metadata=metadata).get(http)


async def test_a_metadata_server_without_an_answer_is_transient():
    """It starts a moment after the machine does."""
    app = Starlette(routes=[Route("/{rest:path}", lambda request: Response(status_code=503))])
    async with serving(app) as address:
        with pytest.raises(Transient):
            await token_of(address)


async def test_away_from_google_the_developers_own_sign_in_serves(monkeypatch):
    """Without a metadata server the credentials of the machine are asked."""

    class Credentials:
        token = ""

        def refresh(self, _):
            self.token = "mine"

    monkeypatch.setattr("google.auth.default", lambda scopes: (Credentials(), "p"))

    assert await token_of("http://127.0.0.1:1") == "mine"


async def test_nobody_signed_in_is_not_connected(monkeypatch):
    """The message names the command to run."""
    from google.auth import exceptions  # noqa: PLC0415  # beside its one use

    def none(scopes):
        raise exceptions.DefaultCredentialsError

    monkeypatch.setattr("google.auth.default", none)
    with pytest.raises(NotConnected, match="application-default login"):
        await token_of("http://127.0.0.1:1")
