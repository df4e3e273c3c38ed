"""Bodies no vendor would send, signed as the vendor signs: refused or taken, never a server's error."""

import asyncio
import gc
import secrets
import time
from collections.abc import Callable
from urllib.parse import parse_qsl

import psutil

from tests.drills.fuzzed_bodies import fuzzed
from tests.drills.installation import at_rest, installation
from tests.drills.recordings import recorded
from tests.drills.tally import Tally
from tests.journeys.house import SECRET, House
from tests.standins import graph_api, twilio_api

TOKEN = "twilio-token"
ADDRESS = "http://127.0.0.1:1"  # the house's public one
PATHS = {
    "whatsapp": "/webhooks/whatsapp",
    "instagram": "/webhooks/instagram",
    "twilio_whatsapp": "/webhooks/twilio/whatsapp",
    "twilio_sms": "/webhooks/twilio/sms",
    "webchat": "/chat/krishna/messages",
}
WORKERS = 4


async def drill(*, full: bool) -> Tally:
    """A thousand bodies for each webhook, or in full ten thousand; what came of them must come to rest."""
    tally = Tally("fuzz")
    async with installation(
        TWILIO_AUTH_TOKEN=TOKEN, TWILIO_ACCOUNT_SID="AC1", TWILIO_API_URL=ADDRESS
    ) as house:
        await _send(house, "whatsapp", 100, tally)
        before, waits = _memory(), list[float]()
        for channel in PATHS:
            waits += await _send(house, channel, 10_000 if full else 1000, tally)
        books = await at_rest(house, patience=600)
        grown = _memory() - before
    dead = [f"{handler}: {error}" for handler, state, error in books.jobs if state == "dead"]
    tally.check(not dead, f"{len(dead)} dead letters: {sorted(set(dead))[:5]}")
    waits.sort()
    tally.notes += [
        f"answered within {waits[int(len(waits) * 0.99)] * 1000:.0f} ms (99 of 100)",
        f"memory grew {grown / 2**20:.0f} MiB, the server and this drill together",
    ]
    return tally


def _memory() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


async def _send(house: House, channel: str, count: int, tally: Tally) -> list[float]:
    """Each body's seconds."""
    bodies = fuzzed(recorded(channel), count, seed=count)
    waits: list[float] = []

    async def work() -> None:
        for body in bodies:
            began = time.perf_counter()
            answer = await house.http.post(
                house.url + PATHS[channel], content=body, headers=_signed[channel](body)
            )
            waits.append(time.perf_counter() - began)
            told = f"{channel} answered {answer.status_code} to {body[:80]!r}"
            tally.check(answer.status_code < 500, told)

    await asyncio.gather(*(work() for _ in range(WORKERS)))
    return waits


def _by_meta(body: bytes) -> dict[str, str]:
    return {"content-type": "application/json", **graph_api.sign(body, SECRET)}


def _by_twilio(path: str) -> Callable[[bytes], dict[str, str]]:
    def sign(body: bytes) -> dict[str, str]:
        form = {"content-type": "application/x-www-form-urlencoded"}
        fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        try:
            return {**form, "x-twilio-signature": twilio_api.sign(ADDRESS + path, fields, TOKEN)}
        except UnicodeEncodeError:
            return form

    return sign


def _by_a_widget(_: bytes) -> dict[str, str]:
    return {"content-type": "application/json", "x-frontdesk-session": secrets.token_urlsafe(24)}


_signed: dict[str, Callable[[bytes], dict[str, str]]] = {
    "whatsapp": _by_meta,
    "instagram": _by_meta,
    "twilio_whatsapp": _by_twilio(PATHS["twilio_whatsapp"]),
    "twilio_sms": _by_twilio(PATHS["twilio_sms"]),
    "webchat": _by_a_widget,
}
