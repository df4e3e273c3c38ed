"""How soon people and customers read each other, and what a full inbox weighs.

The real server in its own process, twenty colleagues' streams open. Messages come at chance moments, five a
second: customers' as signed WhatsApp webhooks, or as the widget of web chat posts them, timed until the row
with their words is on the stream of the colleague who has the conversation; colleagues' as the console posts
them, timed until a stand-in for the Graph API is called.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx

from benchmarks.figures import Figure, median, percentile
from benchmarks.heard import LATEST, Graph, Heard, listening, times
from benchmarks.inbox_filled import Filled, Talk, fill
from benchmarks.inbox_weight import weigh
from benchmarks.memory import desks_published
from benchmarks.servers import product
from benchmarks.webhook_load import PATH, PHONE, SECRET
from shared.channels.webchat import SESSION
from shared.security.access import COOKIE, CSRF_HEADER
from shared.security.sessions import csrf_of
from tests.standins.graph_api import as_meta_writes, message_body, sign
from tests.standins.serving import serving

COLLEAGUES, TALKS, MANY = 20, 100, 10_000
RATE = 5.0  # messages a second: each of a hundred customers writes every twenty seconds
BARE = "benchmarks.people_yardstick"


def measure(*, quick: bool) -> list[Figure]:
    """Both ways between customers and colleagues, then the inbox of ten thousand conversations."""
    return asyncio.run(_measure(count=20 if quick else 200, many=500 if quick else MANY, loads=40))


async def _measure(*, count: int, many: int, loads: int) -> list[Figure]:
    graph = Graph()
    limits = httpx.Limits(max_connections=200)
    async with (
        serving(graph.app) as channel,
        httpx.AsyncClient(trust_env=False, timeout=LATEST, limits=limits) as http,
    ):
        async with _filled(http, channel, COLLEAGUES, TALKS) as (url, filled):
            own = await _customers(http, url, filled, "mine", count)
            every = await _customers(http, url, filled, "all", count)
            sent = await _colleagues(http, url, filled, graph, count)
        async with _filled(http, channel, COLLEAGUES, 0, visitors=TALKS) as (url, visited):
            seen = await _visitors(http, url, visited, "mine", count)
        async with _server(channel, BARE) as bare, _filled(http, channel, 1, many) as (url, full):
            streamed = await _bare_customers(http, bare, filled.talks, count)
            called = await _bare_colleagues(http, bare, filled.talks, graph, count)
            page, headers = f"{_inbox(url, full)}?view=all", _headers(full, 0)
            numbers = f"{url}/api/v1/inbox/counts?tenant={full.tenant}"
            weight = await weigh(
                http, page, headers, numbers, f"{bare}/rows", conversations=many, loads=loads
            )
    stream, call = "a bare commit and streams", "a bare commit and call"
    return [
        *_compared("customer's message to its row, each colleague at their own", own, streamed, stream),
        *_compared("customer's message to its row, each colleague at all 100", every, streamed, stream),
        *_compared(
            "web chat customer's message to its row, each colleague at their own", seen, streamed, stream
        ),
        *_compared("colleague's send to the channel's call, all at their own", sent, called, call),
        *weight,
    ]


def _compared(what: str, ours: list[float], bare: list[float], of: str) -> list[Figure]:
    parts = (("p50", median(ours), median(bare)), ("p95", percentile(ours, 0.95), percentile(bare, 0.95)))
    return [
        Figure(what=f"{what}: {part}", ours=found, yardstick=yardstick, of=of, unit="ms", n=len(ours))
        for part, found, yardstick in parts
    ]


@contextlib.asynccontextmanager
async def _server(channel: str, module: str, folder: Path | None = None) -> AsyncIterator[str]:
    """The address of a server in its own process, on a folder of its own where none is given."""
    with contextlib.ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        starting = product(place, module, META_GRAPH_URL=channel)
        server = await asyncio.to_thread(stack.enter_context, starting)
        yield f"http://127.0.0.1:{server.port}"
        await asyncio.to_thread(stack.close)  # the channel must answer until it has stopped


@contextlib.asynccontextmanager
async def _filled(
    http: httpx.AsyncClient, channel: str, colleagues: int, conversations: int, *, visitors: int = 0
) -> AsyncIterator[tuple[str, Filled]]:
    """The product on an inbox of so many conversations."""
    with tempfile.TemporaryDirectory() as folder:
        filled = await fill(
            Path(folder), colleagues=colleagues, conversations=conversations, visitors=visitors
        )
        async with _server(channel, "functions", Path(folder)) as url:
            await desks_published(http, url)
            yield url, filled


async def _customers(http: httpx.AsyncClient, url: str, filled: Filled, view: str, count: int) -> list[float]:
    """From a customer's webhook to the row on the stream of whoever has the conversation."""

    async def say(talk: Talk, words: str) -> httpx.Response:
        message = {"id": f"wamid.{words}", "type": "text", "text": {"body": words}}
        raw = as_meta_writes(message_body(PHONE, talk.contact, message))
        signed = {"content-type": "application/json", **sign(raw, SECRET)}
        return await http.post(f"{url}{PATH}", content=raw, headers=signed)

    async with _open(http, url, filled, view) as heard:
        return await times(filled.talks, say, lambda talk: heard[talk.colleague], count=count, rate=RATE)


async def _visitors(http: httpx.AsyncClient, url: str, filled: Filled, view: str, count: int) -> list[float]:
    """From what a visitor's widget posts to the row on the stream of whoever has the conversation."""

    async def say(talk: Talk, words: str) -> httpx.Response:
        message = {"text": words, "client_message_id": words}
        return await http.post(
            f"{url}/chat/{filled.desk}/messages", json=message, headers={SESSION: talk.session}
        )

    async with _open(http, url, filled, view) as heard:
        return await times(filled.visits, say, lambda talk: heard[talk.colleague], count=count, rate=RATE)


async def _colleagues(
    http: httpx.AsyncClient, url: str, filled: Filled, graph: Graph, count: int
) -> list[float]:
    """From what a colleague sends in the console to the call of the channel."""

    async def say(talk: Talk, words: str) -> httpx.Response:
        form = {"text": words, "client_id": words}
        to = f"{_inbox(url, filled)}/{talk.id}/say"
        as_the_page = {"hx-request": "true", **_headers(filled, talk.colleague)}
        return await http.post(to, data=form, headers=as_the_page)

    async with _open(http, url, filled, "mine"):
        return await times(filled.talks, say, lambda _: graph.heard, count=count, rate=RATE)


def _open(
    http: httpx.AsyncClient, url: str, filled: Filled, view: str
) -> contextlib.AbstractAsyncContextManager[list[Heard]]:
    """Every colleague's stream of their inbox."""
    events = f"{_inbox(url, filled)}/events?view={view}"
    return listening(http, [(events, _headers(filled, one)) for one in range(len(filled.tokens))])


async def _bare_customers(
    http: httpx.AsyncClient, url: str, talks: Sequence[Talk], count: int
) -> list[float]:
    async with listening(http, [(f"{url}/events", {})] * COLLEAGUES) as heard:

        async def say(talk: Talk, words: str) -> httpx.Response:
            return await http.post(f"{url}/say", params={"to": talk.contact}, content=words)

        return await times(talks, say, lambda talk: heard[talk.colleague], count=count, rate=RATE)


async def _bare_colleagues(
    http: httpx.AsyncClient, url: str, talks: Sequence[Talk], graph: Graph, count: int
) -> list[float]:
    async def say(talk: Talk, words: str) -> httpx.Response:
        return await http.post(f"{url}/send", params={"to": talk.contact}, content=words)

    return await times(talks, say, lambda _: graph.heard, count=count, rate=RATE)


def _inbox(url: str, filled: Filled) -> str:
    return f"{url}/console/{filled.tenant}/inbox"


def _headers(filled: Filled, colleague: int) -> dict[str, str]:
    """What a colleague's browser sends along with a request of the page's own script."""
    token = filled.tokens[colleague]
    return {"cookie": f"{COOKIE}={token}", CSRF_HEADER: csrf_of(token)}
