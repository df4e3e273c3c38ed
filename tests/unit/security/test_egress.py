"""The guarded way out: nothing inside is reached, what is public is, and no answer is endless."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from shared.domain.errors import Permanent, Transient
from shared.security.egress import Blocked, Fetched, TooLarge, is_public, origin_of, safe_fetch
from tests.drills.ssrf_urls import FORMS, INSIDE_HOSTS
from tests.standins.serving import serving

PUBLIC = "93.184.216.34"
Body = httpx.ByteStream


class Reached(httpx.AsyncBaseTransport):
    """A network where every connection is written down and answered by a script."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers)
        self.http = httpx.AsyncClient(transport=self)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answers.pop(0) if self._answers else httpx.Response(200, stream=Body(b"reached"))


def onward(target: str, status: int = 302) -> httpx.Response:
    return httpx.Response(status, headers={"location": target}, stream=Body(b""))


def names(*answers: list[str]) -> Callable[[str, int], object]:
    """A resolver that gives these answers in turn, and the last for ever."""
    waiting = list(answers)

    async def resolve(_host: str, _port: int) -> list[str]:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return resolve


@pytest.mark.parametrize("host", INSIDE_HOSTS)
async def test_no_spelling_of_an_inner_host_is_reached(host: str) -> None:
    """However a host inside is written, and whoever resolves it, no connection is made."""
    net = Reached()
    with pytest.raises((Blocked, Transient)):
        await safe_fetch(net.http, f"https://{host}/latest/meta-data/")
    bare = host.strip("[]")
    with pytest.raises(Blocked):
        await safe_fetch(net.http, "https://name.example/", resolve=names([bare]))
    assert net.requests == []


@pytest.mark.parametrize("url", FORMS)
async def test_no_forbidden_form_is_reached(url: str) -> None:
    """Other schemes, ports, user names and split lines are refused before any name is resolved."""
    net = Reached()
    with pytest.raises(Blocked):
        await safe_fetch(net.http, url, resolve=names([PUBLIC]))
    assert net.requests == []


async def test_one_inner_address_among_public_ones_blocks_the_name() -> None:
    """A name is as trustworthy as its worst address."""
    net = Reached()
    with pytest.raises(Blocked):
        await safe_fetch(net.http, "https://mixed.example/", resolve=names([PUBLIC, "10.0.0.7"]))
    assert net.requests == []


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """The name is resolved once; a second, inner answer is never asked for, and TLS keeps the name."""
    net = Reached()
    fetched = await safe_fetch(
        net.http, "https://shop.example/a?b=1#c", resolve=names([PUBLIC], ["127.0.0.1"])
    )
    (request,) = net.requests
    assert (request.url.host, request.url.raw_path) == (PUBLIC, b"/a?b=1")
    assert request.headers["host"] == "shop.example"
    assert request.extensions["sni_hostname"] == "shop.example"
    assert fetched == Fetched(200, fetched.headers, b"reached", "https://shop.example/a?b=1#c")


async def test_an_international_name_keeps_its_ascii_form() -> None:
    """A name in another script is resolved and sent in the form the network knows."""
    net = Reached()
    asked = []

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC]

    await safe_fetch(net.http, "https://bücher.example/", resolve=resolve)
    assert asked == ["xn--bcher-kva.example"]
    assert net.requests[0].headers["host"] == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    "target",
    [
        "https://169.254.169.254/computeMetadata/v1/",
        "http://public.example/",
        "https://127.1/",
        "file:///etc/passwd",
        "https://[::1]/",
        "//[::1",
        "https://public.example:8443/",
    ],
)
async def test_a_redirect_passes_the_same_gate(target: str) -> None:
    """A public page that leads inside is followed no further."""
    net = Reached(onward(target))

    async def resolve(host: str, _port: int) -> list[str]:
        return [PUBLIC] if host == "public.example" else [host.strip("[]")]

    with pytest.raises((Blocked, Transient)):
        await safe_fetch(net.http, "https://public.example/", resolve=resolve)
    assert len(net.requests) == 1


async def test_a_name_that_turns_inward_on_a_redirect_is_blocked() -> None:
    """Each hop is resolved and checked anew."""
    net = Reached(onward("/next"))
    with pytest.raises(Blocked):
        await safe_fetch(net.http, "https://rebind.example/", resolve=names([PUBLIC], ["127.0.0.1"]))
    assert len(net.requests) == 1


async def test_three_redirects_are_followed_and_not_four() -> None:
    """A chain ends after three redirects."""
    hops = [onward(f"/{number}") for number in range(4)]
    with pytest.raises(Blocked, match="3 redirects"):
        await safe_fetch(Reached(*hops).http, "https://a.example/", resolve=names([PUBLIC]))
    fetched = await safe_fetch(
        Reached(*[onward(f"/{number}", 307) for number in range(3)]).http,
        "https://a.example/",
        resolve=names([PUBLIC]),
    )
    assert (fetched.status, fetched.url) == (200, "https://a.example/2")


async def test_secrets_stay_with_the_first_origin() -> None:
    """A redirect to another origin goes without our headers, one within it with them."""
    net = Reached(
        onward("/same"),
        onward("https://b.example/", 307),
    )
    await safe_fetch(
        net.http,
        "https://a.example/",
        method="POST",
        headers={"Authorization": "Bearer secret", "X-Api-Key": "secret", "Accept": "image/*"},
        content=b"body",
        resolve=names([PUBLIC]),
    )
    first, same, other = net.requests
    assert first.headers["authorization"] == same.headers["authorization"] == "Bearer secret"
    assert not {"authorization", "x-api-key"} & set(other.headers)
    assert other.headers["accept"] == "image/*"
    assert (first.method, same.method, same.content) == ("POST", "GET", b"")


@pytest.mark.parametrize("number", range(50))
async def test_the_open_internet_stays_open(number: int) -> None:
    """Public addresses of every region and both versions are no false alarm."""
    address = (
        f"{(8, 23, 34, 52, 93, 104, 185)[number % 7]}.{number + 1}.{number * 3}.{number + 7}"
        if number % 2
        else f"2a00:1450:{number:x}::{number + 1:x}"
    )
    assert is_public(address)
    net = Reached()
    fetched = await safe_fetch(net.http, f"https://site{number}.example/", resolve=names([address]))
    assert fetched.content == b"reached"


def test_what_is_no_address_is_not_public() -> None:
    """A resolver's nonsense opens nothing."""
    assert not any(is_public(address) for address in ("", "localhost", "999.1.1.1", "fe80::1%eth0", "1.2.3"))


def test_an_origin_has_one_spelling() -> None:
    """Ports that go without saying, letters' case and final dots make no other origin."""
    assert origin_of("https://A.example./x") == origin_of("https://a.example:443") == "https://a.example:443"
    assert origin_of("http://a.example") != origin_of("https://a.example")
    assert origin_of("https://[::1") == ""


@pytest.fixture
async def site() -> AsyncIterator[str]:
    async def slow(_: Request) -> Response:
        async def drip() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield b"."
                await asyncio.sleep(0.05)

        return StreamingResponse(drip())

    async def huge(_: Request) -> Response:
        async def pour() -> AsyncIterator[bytes]:
            for _ in range(50):
                yield b"0" * 1000

        return StreamingResponse(pour())

    async def turn(request: Request) -> Response:
        return RedirectResponse(request.query_params["to"])

    async def echo(request: Request) -> Response:
        return Response(request.method.encode() + b" " + await request.body())

    app = Starlette(
        routes=[
            Route("/slow", slow),
            Route("/huge", huge),
            Route("/onward", turn),
            Route("/echo", echo, methods=["POST"]),
            Route("/packed", lambda _: Response(b"x", headers={"content-encoding": "gzip"})),
        ]
    )
    async with serving(app) as url:
        yield url


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


async def test_an_operators_origin_is_called_though_it_lies_inside(
    site: str, http: httpx.AsyncClient
) -> None:
    """A vendor's address in the settings may be a stand-in here; its neighbours may not be called."""
    fetched = await safe_fetch(http, f"{site}/echo", method="POST", content=b"hi", trusted=[site])
    assert fetched.content == b"POST hi"
    with pytest.raises(Blocked):
        await safe_fetch(http, f"{site}/echo", trusted=["http://127.0.0.1:1"])
    with pytest.raises(Blocked):
        await safe_fetch(http, f"{site}/onward?to=http://127.0.0.1:1/", trusted=[site])


async def test_an_answer_too_large_is_given_up(site: str, http: httpx.AsyncClient) -> None:
    """The cap holds for what arrives, whatever was announced."""
    with pytest.raises(TooLarge, match="10,000"):
        await safe_fetch(http, f"{site}/huge", most=10_000, trusted=[site])


async def test_a_compressed_answer_is_refused(site: str, http: httpx.AsyncClient) -> None:
    """What was packed without being asked for is not unpacked."""
    with pytest.raises(TooLarge, match="compressed"):
        await safe_fetch(http, f"{site}/packed", trusted=[site])


async def test_an_answer_that_drips_is_given_up(site: str, http: httpx.AsyncClient) -> None:
    """The time runs over the whole answer, so that a slow drip does not hold us."""
    with pytest.raises(Transient, match=r"0\.2 s"):
        await safe_fetch(http, f"{site}/slow", seconds=0.2, trusted=[site])


async def test_tls_proves_the_name_and_not_the_address(shop: tuple[int, ssl.SSLContext]) -> None:
    """The connection to the checked address still proves, by its certificate, the name that was asked for."""
    port, trust = shop
    origin, other = f"https://shop.example:{port}", f"https://other.example:{port}"
    async with httpx.AsyncClient(trust_env=False, verify=trust) as http:
        fetched = await safe_fetch(http, f"{origin}/", trusted=[origin], resolve=names(["127.0.0.1"]))
        assert fetched.content == f"shop.example:{port}".encode()
        with pytest.raises(Transient, match=r"other\.example is out of reach"):
            await safe_fetch(http, f"{other}/", trusted=[other], resolve=names(["127.0.0.1"]))


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[tuple[int, ssl.SSLContext]]:
    """A TLS server that is shop.example, saying the Host it was asked for, and who trusts it."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")]),
    )
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, secret = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(certificate.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        host = next(line[6:] for line in asked.split(b"\r\n") if line.lower().startswith(b"host: "))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(host), host))
        await writer.drain()
        writer.close()

    proof = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    proof.load_cert_chain(chain, secret)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=proof)
    async with server:
        yield server.sockets[0].getsockname()[1], ssl.create_default_context(cafile=chain)


async def test_nobody_there_is_transient(http: httpx.AsyncClient) -> None:
    """A host that does not answer may answer later; a name without an address may get one."""
    with pytest.raises(Transient, match=r"127\.0\.0\.1"):
        await safe_fetch(http, "http://127.0.0.1:1/", trusted=["http://127.0.0.1:1"])
    with pytest.raises(Transient, match="no address"):
        await safe_fetch(http, "https://a.example/", resolve=names([]))
    assert issubclass(Blocked, Permanent)
