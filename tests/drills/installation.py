"""A fresh installation in this process for one drill, and the clock, the books and the vendor beside it."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared.backends.embedded.clock import EmbeddedClock
from tests.drills.books import Books
from tests.journeys.house import LAB, LAB_INSTAGRAM, SECRET, House, opened
from tests.standins.graph_api import GraphApi, message_body, whatsapp_body
from tests.standins.serving import serving

WEBHOOK = "/webhooks/whatsapp"


@contextlib.asynccontextmanager
async def installation(**environment: str) -> AsyncIterator[House]:
    """The product with the sample desks, on loopback, its books in a folder that goes with it."""
    graph = GraphApi(token="t-graph", app_secret=SECRET)
    environment = {"FRONTDESK_TURN_SECONDS": "8", **environment}
    with tempfile.TemporaryDirectory(prefix="frontdesk-drill-") as folder:
        async with (
            serving(graph.app) as graph_url,
            opened(Path(folder), graph, graph_url, **environment) as house,
        ):
            yield house


def books(house: House) -> Books:
    """The installation's books as they are now."""
    return Books.read(Path(house.process.settings.data))


async def rest(data: Path, also: Callable[[], bool] = lambda: True, *, patience: float = 150.0) -> Books:
    """The books once nothing is left to do, twice in a row, and `also` holds. Raises TimeoutError."""
    give_up, times = time.monotonic() + patience, 0
    while True:
        await asyncio.sleep(0.1)
        found = await asyncio.to_thread(Books.read, data)
        times = times + 1 if found.at_rest and also() else 0
        if times == 2:
            return found
        if time.monotonic() > give_up:
            raise TimeoutError(f"waited in vain for {found.left}")


async def at_rest(house: House, also: Callable[[], bool] = lambda: True, *, patience: float = 150.0) -> Books:
    """`rest` of an installation."""
    return await rest(Path(house.process.settings.data), also, patience=patience)


@contextlib.contextmanager
def clock_ahead(by: timedelta) -> Iterator[None]:
    """Every clock of the installation so much ahead while open."""
    real = EmbeddedClock.now
    EmbeddedClock.now = lambda _: datetime.now(UTC) + by  # type: ignore[method-assign]
    try:
        yield
    finally:
        EmbeddedClock.now = real  # type: ignore[method-assign]


def wrote(customer: str, message_id: str, text: str, *, at: float | None = None) -> dict[str, Any]:
    """The webhook of a customer's words, written now or at a Unix time."""
    timestamp = str(int(at or time.time()))
    message = {"id": message_id, "type": "text", "text": {"body": text}, "timestamp": timestamp}
    return message_body(LAB, customer, message)


def typed_by_a_person(customer: str, message_id: str, text: str) -> dict[str, Any]:
    """The webhook that echoes what somebody of the business typed on their own phone."""
    now = str(int(time.time()))
    echo = {"from": "15550783881", "to": customer, "id": message_id, "timestamp": now}
    body = whatsapp_body(LAB, message_echoes=[{**echo, "type": "text", "text": {"body": text}}])
    body["entry"][0]["changes"][0]["field"] = "smb_message_echoes"
    return body


def instagram_body(message_id: str, text: str, customer: str = "17849990001") -> dict[str, Any]:
    """The webhook of a customer's words on Instagram."""
    now = int(time.time() * 1000)
    item = {
        "sender": {"id": customer},
        "recipient": {"id": LAB_INSTAGRAM},
        "timestamp": now,
        "message": {"mid": message_id, "text": text},
    }
    return {"object": "instagram", "entry": [{"id": LAB_INSTAGRAM, "time": now, "messaging": [item]}]}
