"""Meta signs WhatsApp's and Instagram's webhooks alike, so both channels check them here."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from shared.channels.shape import Webhook
from shared.domain.errors import Forged

_HEADER = "x-hub-signature-256"
_PREFIX = b"sha256="


def verify(webhook: Webhook, secrets: Sequence[str]) -> None:
    """Returns if one of the app secrets signed the raw body. Raises Forged otherwise."""
    header = (webhook.header(_HEADER) or "").encode("utf-8", "surrogatepass")
    given = header.removeprefix(_PREFIX)
    matches = [hmac.compare_digest(_signature(secret, webhook.body), given) for secret in secrets if secret]
    if not header.startswith(_PREFIX) or not any(matches):
        raise Forged("the webhook is not signed by Meta; check the app secret of this account")


def _signature(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


def handshake(query: Mapping[str, str], verify_token: str) -> str:
    """The challenge to answer when Meta subscribes an address. Raises Forged where the token is not ours."""
    given = query.get("hub.verify_token", "").encode("utf-8", "surrogatepass")
    expected = verify_token.encode()
    asked = query.get("hub.mode") == "subscribe" and "hub.challenge" in query
    if not (asked and expected and hmac.compare_digest(given, expected)):
        raise Forged("the handshake does not carry our verify token; set the same one at Meta and here")
    return query["hub.challenge"]
