"""The payload samples as webhooks, and events in a form that reads well beside them."""

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from shared.channels.shape import Webhook
from shared.domain.events import Event

PAYLOADS = Path(__file__).parents[2] / "payloads"
EXPECTED = Path(__file__).parent / "expected"


def cases(channel: str) -> list[str]:
    """The names of a channel's samples."""
    return sorted(path.stem for path in (PAYLOADS / channel).iterdir())


def body(channel: str, case: str) -> bytes:
    """A sample's bytes; a form is written a line per field and joined here."""
    path = next((PAYLOADS / channel).glob(f"{case}.*"))
    return path.read_bytes().replace(b"\n", b"") if path.suffix == ".form" else path.read_bytes()


def webhook(
    content: bytes, url: str = "https://desk.example/webhooks", headers: tuple[tuple[str, str], ...] = ()
) -> Webhook:
    """A POST of those bytes, unsigned unless `headers` sign it."""
    query = dict(pair.partition("=")[::2] for pair in urlsplit(url).query.split("&") if pair)
    return Webhook(method="POST", url=url, query=query, headers=headers, body=content)


SESSION = "Zx81_kQ0-vB7nT5mR2wY9pLc"  # as a widget makes it, 24 random letters
_ADDRESS = {
    "webchat": "https://desk.example/chat/front/messages",
    "twilio_whatsapp": "https://desk.example/webhooks/twilio/whatsapp",
    "twilio_sms": "https://desk.example/webhooks/twilio/sms",
}


def request(channel: str, case: str) -> Webhook:
    """A sample as it comes to its door; statuses of Twilio's come to an address with our key."""
    url = _ADDRESS.get(channel, f"https://desk.example/webhooks/{channel}")
    if channel.startswith("twilio") and case.startswith("status"):
        url += "?key=acme.5f0c.12"
    headers = (("x-frontdesk-session", SESSION), ("accept-language", "ta-IN,ta;q=0.9,en;q=0.5"))
    return webhook(body(channel, case), url, headers if channel == "webchat" else ())


@cache
def expected(channel: str) -> dict[str, Any]:
    """What each sample says, by case; event ids apart, which have tests of their own."""
    found: dict[str, Any] = json.loads((EXPECTED / f"{channel}.json").read_text())
    return found


def readable(events: list[Event]) -> list[dict[str, Any]]:
    """Events as plain data with their names and without their ids."""
    told = []
    for event in events:
        fields = msgspec.json.decode(event.encode())
        del fields["event_id"]
        told.append({"fact": type(event).__name__, **fields})
    return told
