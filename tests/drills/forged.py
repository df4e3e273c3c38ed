"""Forged webhooks of every kind at the running server's doors: none taken, none an error, nothing changed."""

import random
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module

import httpx

from shared.channels.shape import Webhook
from shared.local_server import app_of
from tests.drills.forgeries import SECRET, forgeries, genuine
from tests.drills.installation import books, instagram_body, installation
from tests.drills.recordings import recorded
from tests.drills.tally import Tally
from tests.journeys.house import House
from tests.standins.graph_api import as_meta_writes, message_body

HOST = "https://desk.example"
PATHS = {
    "whatsapp": "/webhooks/whatsapp",
    "instagram": "/webhooks/instagram",
    "twilio_whatsapp": "/webhooks/twilio/whatsapp",
    "twilio_sms": "/webhooks/twilio/sms",
}
GENUINE = 250
"""Of each channel."""


async def drill(*, full: bool) -> Tally:
    """Forgeries of two recordings a channel, in full of all, and a thousand genuine webhooks."""
    tally = Tally("forgeries")
    keys = {"META_APP_SECRET": SECRET, "TWILIO_AUTH_TOKEN": SECRET, "FRONTDESK_PUBLIC_URL": HOST}
    async with installation(**keys) as house:
        door = _door(house)
        for channel, path in PATHS.items():
            samples = recorded(channel)
            for body in samples if full else samples[:2]:
                await _forge(house, door, channel, body, HOST + path, tally)
        refused = sum([await _true(door, channel, HOST + path, tally) for channel, path in PATHS.items()])
    tally.notes.append(f"{refused} of {GENUINE * len(PATHS)} genuine ones refused")
    return tally


def _door(house: House) -> httpx.AsyncClient:
    """The application itself, for no server would let some of these headers through."""
    handles = {one.name: import_module(f"functions.{one.name}").handle for one in house.process.handlers}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app_of(house.process, handles)))


async def _forge(
    house: House, door: httpx.AsyncClient, channel: str, body: bytes, url: str, tally: Tally
) -> None:
    before = len(books(house).jobs)
    for name, forged in forgeries(channel, body, url):
        status = await _post(door, _as_it_arrives(name, channel, forged, url))
        tally.check(400 <= status < 500, f"{channel}, {name}: answered {status}")
    after = len(books(house).jobs)
    tally.check(after == before, f"{channel}: {after - before} facts of forged webhooks were published")


def _as_it_arrives(name: str, channel: str, forged: Webhook, url: str) -> Webhook:
    """A forged address arrives as a signature over that address at ours."""
    if not name.startswith("address:"):
        return forged
    return replace(genuine(channel, forged.body, forged.url), url=url)


async def _true(door: httpx.AsyncClient, channel: str, url: str, tally: Tally) -> int:
    """How many genuine webhooks were refused."""
    refused = 0
    for body in _bodies(channel):
        status = await _post(door, genuine(channel, body, url))
        refused += status != 200
        tally.check(status == 200, f"a genuine {channel} webhook was answered {status}")
    return refused


def _bodies(channel: str) -> Iterator[bytes]:
    """Recordings first, then messages in any script with signs that forms and JSON escape."""
    chance, samples = random.Random(channel), recorded(channel)
    yield from samples[:GENUINE]
    alphabet = 'aé ñ+&=%"\\/<>#?नमस्ते🙂\u2028\t,;'
    for number in range(GENUINE - len(samples)):
        words = "".join(chance.choice(alphabet) for _ in range(chance.randint(0, 60)))
        if channel.startswith("twilio"):
            fields = {
                "MessageSid": f"SM{number:032d}",
                "From": "+14155550199",
                "To": "+14155550100",
                "Body": words,
            }
            yield str(httpx.QueryParams({**fields, "NumMedia": "0", "ToZip": ""})).encode()
        elif channel == "instagram":
            yield as_meta_writes(instagram_body(f"mid.{number}", words))
        else:
            message = {"id": f"wamid.{number}", "type": "text", "text": {"body": words}}
            yield as_meta_writes(message_body("0", "16505551234", message))


async def _post(door: httpx.AsyncClient, webhook: Webhook) -> int:
    """The status of a webhook handed to the application as a server would hand it, odd headers and all."""
    headers = [(name.encode(), value.encode("utf-8", "surrogatepass")) for name, value in webhook.headers]
    try:
        answer = await door.post(webhook.url, content=webhook.body, headers=headers)
    except Exception:  # noqa: BLE001 - whatever escapes the application is a server's error
        return 500
    return answer.status_code
