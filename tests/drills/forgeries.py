"""Forty ways to forge a webhook of each vendor that signs; every one must be refused, and quietly."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace

from shared.channels.shape import Webhook
from tests.standins import graph_api, twilio_api

SECRET = "the-app-secret-of-this-tenant"
OTHERS = "the-app-secret-of-another-tenant"
Forgery = tuple[str, Webhook]


def genuine(channel: str, body: bytes, url: str) -> Webhook:
    """A webhook as the vendor signs it."""
    query = dict(pair.partition("=")[::2] for pair in url.partition("?")[2].split("&") if pair)
    unsigned = Webhook(method="POST", url=url, query=query, headers=(), body=body)
    return replace(unsigned, headers=_signed(channel, unsigned, SECRET))


def _header(channel: str) -> str:
    return "x-twilio-signature" if channel.startswith("twilio") else "x-hub-signature-256"


def _signed(channel: str, webhook: Webhook, secret: str) -> tuple[tuple[str, str], ...]:
    if channel.startswith("twilio"):
        fields = twilio_api.parse_qsl(webhook.body.decode(), keep_blank_values=True)
        kind = ("content-type", "application/x-www-form-urlencoded")
        return (kind, ("x-twilio-signature", twilio_api.sign(webhook.url, fields, secret)))
    return (("content-type", "application/json"), *graph_api.sign(webhook.body, secret).items())


def forgeries(channel: str, body: bytes, url: str) -> Iterator[Forgery]:
    """Name and webhook of each forgery of one genuine body."""
    true = genuine(channel, body, url)
    yield from _of_the_signature(channel, true)
    yield from _of_the_body(channel, true)
    yield from _of_the_key(channel, true)
    yield from _of_the_headers(channel, true)
    if channel.startswith("twilio"):
        yield from _of_the_address(true)
    else:
        yield from _of_the_algorithm(true)


def _with(channel: str, webhook: Webhook, value: str) -> Webhook:
    others = tuple(pair for pair in webhook.headers if pair[0] != _header(channel))
    return replace(webhook, headers=(*others, (_header(channel), value)))


def _of_the_signature(channel: str, true: Webhook) -> Iterator[Forgery]:
    value = true.header(_header(channel)) or ""
    twist = "0" if value[-2] != "0" else "1"
    written = {
        "empty": "",
        "a space": " ",
        "short": value[:-4],
        "long": value + "00",
        "first half": value[: len(value) // 2],
        "one letter changed": value[:-2] + twist + value[-1],
        "reversed": value[::-1],
        "swapped case": value.swapcase(),
        "zeros": "sha256=" + "0" * 64,
        "not hexadecimal": "sha256=" + "z" * 64,
        "prefix alone": "sha256=",
        "non-ascii": value + "é",
        "full width": "ｓｈａ２５６＝" + "0" * 64,
        "lone surrogate": "sha256=\ud800",
        "NUL inside": value[:10] + "\x00" + value[10:],
        "trailing newline": value + "\n",
        "the word null": "null",
        "a list": f"{value},{value}",
        "quoted": f'"{value}"',
        "200 kB": "a" * 200_000,
    }
    for name, forged in written.items():
        yield f"signature: {name}", _with(channel, true, forged)


def _of_the_body(channel: str, true: Webhook) -> Iterator[Forgery]:
    yield "body: one byte more", replace(true, body=true.body + b"&x=1")
    yield "body: one byte less", replace(true, body=true.body[:-1] if channel[0] != "t" else true.body[:-9])
    yield "body: empty", replace(true, body=b"")
    yield "body: not UTF-8", replace(true, body=b"\xff\xfe" + true.body)
    yield "body: another message", replace(true, body=true.body.replace(b"o", b"0"))
    yield "body: said twice", replace(true, body=true.body + b"&" + true.body + b"&Extra=1")
    yield "body: 3 MB", replace(true, body=b"A=" + b"9" * 3_000_000)
    yield "body: too many fields", replace(true, body=b"&a=1" * 5000)


def _of_the_key(channel: str, true: Webhook) -> Iterator[Forgery]:
    for name, secret in (
        ("another tenant's", OTHERS),
        ("empty", ""),
        ("with a space", SECRET + " "),
        ("in upper case", SECRET.upper()),
        ("a prefix", SECRET[:-1]),
    ):
        yield f"key: {name}", replace(true, headers=_signed(channel, true, secret))


def _of_the_headers(channel: str, true: Webhook) -> Iterator[Forgery]:
    name, value = _header(channel), true.header(_header(channel)) or ""
    bare = tuple(pair for pair in true.headers if pair[0] != name)
    yield "header: missing", replace(true, headers=bare)
    yield "header: twice", replace(true, headers=(*true.headers, (name, value)))
    yield "header: a wrong one beside it", replace(true, headers=((name, "x"), *true.headers))
    yield "header: under another name", replace(true, headers=(*bare, ("x-signature", value)))
    yield "header: of the other vendor", replace(true, headers=(*bare, ("authorization", value)))


def _of_the_algorithm(true: Webhook) -> Iterator[Forgery]:
    digest = hmac.new(SECRET.encode(), true.body, hashlib.sha1).hexdigest()
    meta = "whatsapp"
    yield "algorithm: SHA-1", _with(meta, true, f"sha1={digest}")
    yield "algorithm: SHA-1 under the name of SHA-256", _with(meta, true, f"sha256={digest}")
    yield (
        "algorithm: hash without a key",
        _with(meta, true, "sha256=" + hashlib.sha256(true.body).hexdigest()),
    )
    again = json.dumps(json.loads(true.body), indent=7).encode()
    yield "body: written anew", replace(true, body=again)


def _of_the_address(true: Webhook) -> Iterator[Forgery]:
    url = true.url
    for name, called in (
        ("another path", url.replace("/webhooks/", "/hooks/")),
        ("another host", url.replace("desk.example", "evil.example")),
        ("a query more", url + ("&" if "?" in url else "?") + "x=1"),
        ("another scheme", url.replace("https://", "http://")),
    ):
        yield f"address: {name}", replace(true, url=called)
    as_json = replace(true, body=b'{"a":1}', headers=(("content-type", "application/json"),))
    no_form = base64.b64encode(hmac.new(SECRET.encode(), url.encode(), hashlib.sha1).digest()).decode()
    yield "JSON: its hash is missing", _with("twilio", as_json, no_form)
    hashed = replace(as_json, url=url + "?bodySHA256=" + "0" * 64, query={"bodySHA256": "0" * 64})
    over = base64.b64encode(hmac.new(SECRET.encode(), hashed.url.encode(), hashlib.sha1).digest()).decode()
    yield "JSON: its hash is another's", _with("twilio", hashed, over)
    sneaked = replace(
        true, query={"bodySHA256": hashlib.sha256(true.body + b"x").hexdigest()}, body=true.body + b"x"
    )
    yield "JSON: a hash outside the signed address", _with("twilio", sneaked, no_form)
