"""Who the business's own site says a visitor is: an id of its own, signed, so that no visitor chooses one."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import unquote

from shared.api.problems import Refused
from shared.config.channels import WebchatSettings
from shared.ports import Secrets
from shared.security.tenant_secrets import secret_of

CUSTOMER = "x-frontdesk-customer"
"""The header with the id, percent-encoded UTF-8."""

SIGNATURE = "x-frontdesk-customer-signature"
"""The header with the hexadecimal HMAC-SHA256 of the id under `channels.webchat.identity_secret`."""

_LONGEST = 200  # characters of an id


async def customer_of(
    headers: Mapping[str, str], settings: WebchatSettings, secrets: Secrets, tenant: str
) -> str | None:
    """The id that the tenant's site signed, None for a visitor of whom nothing is said.

    Raises Refused (401), saying what to mend, for an id that is not signed as it must be.
    """
    written, signature = headers.get(CUSTOMER), headers.get(SIGNATURE)
    if written is None and signature is None:
        return None
    customer = unquote(written or "")
    if not customer.isprintable() or not 0 < len(customer) <= _LONGEST:
        raise Refused(401, f"data-customer must be an id of 1 to {_LONGEST} characters on one line.")
    if not settings.identity_secret:
        raise Refused(
            401,
            "This desk takes no data-customer: name a secret in channels.webchat.identity_secret of its "
            "file, or leave the attribute out.",
        )
    secret = await secret_of(secrets, tenant, settings.identity_secret)
    if not secret:
        raise Refused(
            401,
            "The secret named in channels.webchat.identity_secret is not set; set it where Frontdesk runs.",
        )
    expected = hmac.new(secret.encode(), customer.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), (signature or "").lower().encode()):
        raise Refused(
            401,
            "data-customer-signature does not fit data-customer: make it on your server, as the hexadecimal "
            "HMAC-SHA256 of the id, in UTF-8, under the secret of channels.webchat.identity_secret.",
        )
    return customer
