"""Twilio signs the address it called together with the form it sent, so both must be as Twilio had them.

The official validator lets a JSON body through unchecked when it is handed a parsed one, and raises where
a header is missing; this one takes the raw webhook and has one answer for all that is wrong.
Source: twilio.com/docs/usage/webhooks/webhooks-security.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import SplitResult, parse_qsl, urlsplit

from shared.channels.shape import Webhook
from shared.domain.errors import Forged

RETRIES = "#rc=5&rp=all"
"""Put behind a webhook's address at Twilio: five retries, after errors of ours as of the line."""

_SETTINGS = "x-twilio-webhooks-signature-settings"
_MOST_FIELDS = 500
_USUAL_PORT = {"https": 443, "http": 80}


def verify(webhook: Webhook, secrets: Sequence[str]) -> None:
    """Returns if one of the auth tokens signed the webhook. Raises Forged otherwise."""
    given = (webhook.header("x-twilio-signature") or "").encode("utf-8", "surrogatepass")
    try:
        signed = _signed(webhook)
    except ValueError:
        signed = None
    if not given or signed is None or not any(_matches(webhook, secret, signed, given) for secret in secrets):
        raise Forged("the webhook is not signed by Twilio; check the auth token and the public address")


def fields(webhook: Webhook) -> list[tuple[str, str]]:
    """The form's fields as sent, blank ones too. Raises ValueError where there are absurdly many."""
    body = webhook.body.decode("utf-8", "replace")
    return parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS)


def _signed(webhook: Webhook) -> str | None:
    """What Twilio appends to the address; None where the body is vouched for by nothing."""
    expected = dict(parse_qsl(urlsplit(webhook.url).query)).get("bodySHA256")  # the address is signed
    if expected is not None:
        actual = hashlib.sha256(webhook.body).hexdigest()
        same = hmac.compare_digest(actual.encode(), expected.lower().encode("utf-8", "surrogatepass"))
        return "" if same else None
    if "json" in (webhook.header("content-type") or "").lower():
        return None
    return "".join(name + value for name, value in sorted(set(fields(webhook))))


def _matches(webhook: Webhook, secret: str, signed: str, given: bytes) -> bool:
    if not secret:
        return False
    settings = webhook.header(_SETTINGS) or ""
    algorithm = "sha256" if "algorithm=HMAC_SHA256" in settings else "sha1"
    found = [
        hmac.compare_digest(_signature(secret, address + signed, algorithm), given)
        for address in _addresses(webhook.url)
    ]
    return any(found)


def _signature(secret: str, signed: str, algorithm: str) -> bytes:
    mac = hmac.new(secret.encode(), signed.encode("utf-8", "surrogatepass"), algorithm)
    return base64.b64encode(mac.digest())


def _addresses(url: str) -> list[str]:
    """Our address with and without its port and its retry hints, for Twilio signs now this, now that."""
    try:
        parts = urlsplit(url)
        plain = parts._replace(fragment="")
        spelled = {plain.geturl(), _with_port(plain), _without_port(plain)}
    except ValueError:
        return []
    hint = f"#{parts.fragment}" if parts.fragment else RETRIES
    return [address + end for address in sorted(spelled) for end in ("", hint)]


def _with_port(parts: SplitResult) -> str:
    if parts.port:
        return parts.geturl()
    return parts._replace(netloc=f"{parts.netloc}:{_USUAL_PORT.get(parts.scheme, 443)}").geturl()


def _without_port(parts: SplitResult) -> str:
    return parts._replace(netloc=parts.netloc.removesuffix(f":{parts.port}")).geturl()
