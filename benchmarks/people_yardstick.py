"""The least a live inbox can be, as a yardstick: one table, one synced commit, open streams, one call.

Starlette on uvicorn, SQLite in WAL with synchronous=FULL; no sign-in, no signature, no turns, nothing kept
but the words. Run as `python -m benchmarks.people_yardstick`; PORT and META_GRAPH_URL as the product's.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from benchmarks.webhook_load import PHONE

ROWS = 10_000


class Bare:
    """The table, the streams that are open, and the way to the channel."""

    def __init__(self, file: Path, graph: str, token: str) -> None:
        self.open: set[asyncio.Queue[str]] = set()
        self.http = httpx.AsyncClient(trust_env=False, headers={"authorization": f"Bearer {token}"})
        self.send_to = f"{graph}/v23.0/{PHONE}/messages"
        self.table = sqlite3.connect(file)
        self.table.execute("PRAGMA journal_mode=WAL")
        self.table.execute("PRAGMA synchronous=FULL")
        self.table.execute("CREATE TABLE said (id INTEGER PRIMARY KEY, who TEXT, words TEXT)")
        rows = ((f"Customer {number}", "When does my report come, please?") for number in range(ROWS))
        self.table.executemany("INSERT INTO said (who, words) VALUES (?, ?)", rows)
        self.table.commit()

    async def say(self, request: Request) -> Response:
        """POST /say: kept, then on every open stream."""
        words = self._kept(request.query_params["to"], (await request.body()).decode())
        for queue in self.open:
            queue.put_nowait(words)
        return Response()

    async def send(self, request: Request) -> Response:
        """POST /send: kept, then handed to the channel."""
        to = request.query_params["to"]
        words = self._kept(to, (await request.body()).decode())
        body = {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": words}}
        (await self.http.post(self.send_to, json=body)).raise_for_status()
        return Response()

    async def rows(self, _: Request) -> Response:
        """GET /rows: the newest fifty as a list."""
        found = self.table.execute("SELECT who, words FROM said ORDER BY id DESC LIMIT 50")
        return HTMLResponse("".join(f'<li class="row">{who}: {words}</li>' for who, words in found))

    async def events(self, _: Request) -> Response:
        """GET /events: every word as it is said."""
        return StreamingResponse(self._told(), media_type="text/event-stream")

    async def _told(self) -> AsyncIterator[str]:
        queue: asyncio.Queue[str] = asyncio.Queue()
        self.open.add(queue)
        try:
            yield "event: rows\ndata:\n\n"
            while True:
                yield f"event: rows\ndata: {await queue.get()}\n\n"
        finally:
            self.open.discard(queue)

    def _kept(self, who: str, words: str) -> str:
        self.table.execute("INSERT INTO said (who, words) VALUES (?, ?)", (who, words))
        self.table.commit()
        return words


def main() -> None:
    """Serve until stopped."""
    told = os.environ
    bare = Bare(Path(told["HOME"]) / "bare.sqlite", told["META_GRAPH_URL"], told["META_ACCESS_TOKEN"])
    app = Starlette(
        routes=[
            Route("/say", bare.say, methods=["POST"]),
            Route("/send", bare.send, methods=["POST"]),
            Route("/rows", bare.rows),
            Route("/events", bare.events),
        ]
    )
    uvicorn.run(app, host="127.0.0.1", port=int(told["PORT"]), log_config=None, timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
