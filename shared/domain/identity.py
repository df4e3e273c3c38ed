"""Names we give to things: random where nobody may guess, a digest where two readers must agree."""

import hashlib
import secrets


def new_id() -> str:
    """A fresh id of 128 random bits, 26 characters, safe in a path and a URL."""
    return secrets.token_hex(13)


def digest(*parts: str) -> str:
    """The same 32 hexadecimal characters for the same parts, whatever the parts contain."""
    hasher = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        hasher.update(len(raw).to_bytes(8, "big"))
        hasher.update(raw)
    return hasher.hexdigest()[:32]


def conversation_id(desk: str, channel: str, account: str, customer: str) -> str:
    """The one conversation of a customer's id on an account of a desk's channel, for ever."""
    return digest("conversation", desk, channel, account, customer)


def outbox_key(tenant: str, conversation: str, seq: int) -> str:
    """The key a vendor accepts at most once; read back by `read_outbox_key`."""
    return f"{tenant}.{conversation}.{seq}"


def read_outbox_key(key: str) -> tuple[str, str, int] | None:
    """Tenant, conversation and sequence of one of our keys, or None for anybody else's text."""
    parts = key.split(".")
    if len(parts) != 3 or not parts[2].isdigit():
        return None
    return parts[0], parts[1], int(parts[2])
