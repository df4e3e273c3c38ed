"""What a text may not carry in or out, whoever wrote it: fixed rules, no model, the same every time."""

import re
from collections.abc import Callable, Collection
from typing import Literal
from urllib.parse import urlsplit

import msgspec

Direction = Literal["in", "out"]

LONGEST = {"in": 8_000, "out": 12_000}
"""Characters kept of a text, by direction."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls but for tab and new line
    "\u200b\u2060-\u2064\ufeff"  # spaces nobody sees; joiners stay, Hindi and emoji need them
    "\u202a-\u202e\u2066-\u2069"  # turns of writing direction that make text read as another
    "\ud800-\udfff"  # halves of characters, which no channel can carry
    "\U000e0000-\U000e007f]"  # tags: letters only a model reads
)
_PICTURE = re.compile(r"!\[([^\]\n]{0,500})\]\([^)\n]{0,2000}\)")
_LINK = re.compile(r"\[([^\]\n]{1,500})\]\(\s*(https?://[^)\s]{1,2000})[^)\n]{0,200}\)", re.IGNORECASE)
_BARE = re.compile(r"https?://[^\s<>()\"']{1,2000}", re.IGNORECASE)
_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\bAIza[\w-]{30,}"  # Google
    r"|\bsk-[\w-]{16,}"  # OpenAI, Anthropic
    r"|\bgsk_\w{20,}"  # Groq
    r"|\bgh[pousr]_\w{30,}|\bgithub_pat_\w{30,}"
    r"|\bxox[abprs]-[\w-]{10,}"  # Slack
    r"|\bAKIA[0-9A-Z]{16}\b"  # AWS
    r"|\bEAA[0-9A-Za-z]{40,}"  # Meta
    r"|\bSG\.[\w-]{16,}\.[\w-]{16,}"  # SendGrid
    r"|\brzp_(?:live|test)_\w{10,}"  # Razorpay
    r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",  # a signed token
    re.DOTALL,
)
MASK = "[removed]"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The text as it may pass. `allowed` is False where nothing of it is left to say."""

    allowed: bool
    text: str
    reasons: tuple[str, ...] = ()


def check(text: str, *, direction: Direction, hosts: Collection[str] = ()) -> Verdict:
    """Clean a text on its way in from a customer or out to one.

    Out, pictures and links to hosts outside `hosts` (with their subdomains) lose what could carry
    words away: the address, or its query. Secrets are masked both ways.
    """
    rules = _RULES if direction == "in" else (*_RULES, *_LEAKS)
    cleaned, reasons = text[: LONGEST[direction]], []
    if cleaned != text:
        reasons.append("too long")
    for reason, rule in rules:
        before, cleaned = cleaned, rule(cleaned, hosts)
        if cleaned != before:
            reasons.append(reason)
    return Verdict(allowed=bool(cleaned.strip()) or not text.strip(), text=cleaned, reasons=tuple(reasons))


def _without_foreign_links(text: str, hosts: Collection[str]) -> str:
    text = _LINK.sub(lambda found: found[0] if _known(found[2], hosts) else found[1], text)
    return _BARE.sub(lambda found: found[0] if _known(found[0], hosts) else _bare(found[0]), text)


def _known(address: str, hosts: Collection[str]) -> bool:
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    return "@" not in parts.netloc and any(host == known or host.endswith(f".{known}") for known in hosts)


def _bare(address: str) -> str:
    """The address without anything behind `?` or `#`, or before `@`."""
    address = re.split(r"[?#]", address, maxsplit=1)[0]
    return re.sub(r"^(https?://)[^/@]*@", r"\1", address, flags=re.IGNORECASE)


Rule = Callable[[str, Collection[str]], str]
_RULES: tuple[tuple[str, Rule], ...] = (
    ("invisible characters", lambda text, _: _INVISIBLE.sub("", text)),
    ("secret", lambda text, _: _SECRET.sub(MASK, text)),
)
_LEAKS: tuple[tuple[str, Rule], ...] = (
    ("picture", lambda text, _: _PICTURE.sub(r"\1", text)),
    ("link", _without_foreign_links),
)
