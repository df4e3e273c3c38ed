"""Whether the local server's memory stays where it is: 10,000 messages over 1,000 conversations.

The real server in its own process on the sample desks with the offline model, webhooks posted as Meta
posts them, a stand-in for the Graph API taking the answers. Every round each conversation gets one
message, and the round ends when all are answered. The first round warms what may be kept.
"""

import asyncio
import contextlib
import sqlite3
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.figures import Figure
from benchmarks.servers import Server, product
from benchmarks.webhook_load import PATH, PHONE, SECRET
from tests.standins.graph_api import GraphApi, as_meta_writes, message_body, sign
from tests.standins.serving import serving

GROWTH = 1.10
QUESTIONS = (
    "How much is a thyroid test?",
    "When are you open on Sunday?",
    "Do you collect samples at home?",
    "What is in the full body package?",
    "Thank you",
)


def measure(*, quick: bool) -> list[Figure]:
    """Resident memory after a tenth of the messages and after all of them."""
    return asyncio.run(_measure(conversations=50 if quick else 1000, rounds=10))


async def _measure(*, conversations: int, rounds: int) -> list[Figure]:
    graph = GraphApi(app_secret=SECRET)
    with tempfile.TemporaryDirectory() as folder:
        async with serving(graph.app) as url, httpx.AsyncClient(trust_env=False, timeout=60) as http:
            with contextlib.ExitStack() as stack:
                server = await asyncio.to_thread(
                    stack.enter_context,
                    product(Path(folder), META_GRAPH_URL=url, META_ACCESS_TOKEN=graph.token),
                )
                await desks_published(http, f"http://127.0.0.1:{server.port}")
                readings = [server.memory]
                for number in range(rounds):
                    answered = await _round(http, server, graph, conversations, number, Path(folder))
                    readings.append(server.memory)
                    print(
                        f"{(number + 1) * conversations} messages: {readings[-1]:.1f} MB, {answered} replies",
                        flush=True,
                    )
                await asyncio.to_thread(stack.close)
    first, last = readings[1], readings[-1]
    return [
        Figure(
            what=f"resident memory after {rounds * conversations:,} messages (idle: {readings[0]:.0f})",
            ours=last,
            yardstick=first,
            of=f"after {conversations:,}",
            unit="MB",
            n=rounds * conversations,
            target=f"at most {GROWTH:.2f} x",
            holds=last <= GROWTH * first,
        )
    ]


async def desks_published(http: httpx.AsyncClient, url: str) -> None:
    """Returns when the sample desk answers; what comes before is parked."""
    give_up = time.monotonic() + 60
    while (await http.get(f"{url}/chat/krishna/settings")).status_code != 200:
        if time.monotonic() > give_up:
            raise RuntimeError("the sample desks were not published within a minute")
        await asyncio.sleep(0.1)


async def _round(
    http: httpx.AsyncClient, server: Server, graph: GraphApi, conversations: int, number: int, folder: Path
) -> int:
    """One message in every conversation, all answered; how many replies there were."""
    for begin in range(0, conversations, 20):
        some = range(begin, min(begin + 20, conversations))
        await asyncio.gather(*(_post(http, server, one, number) for one in some))
    asked = {f"9198{one:08d}" for one in range(conversations)}
    give_up = time.monotonic() + 30 + conversations / 5
    while True:
        told = {str(item["body"].get("to")) for item in graph.accepted}
        if asked <= told:
            break
        if time.monotonic() > give_up:
            waiting = sorted(asked - told)
            raise RuntimeError(
                f"{len(waiting)} conversations were not answered: {_state(folder, waiting[0])}"
            )
        await asyncio.sleep(0.2)
    count = len(graph.accepted)
    graph.accepted.clear()
    graph.marks.clear()
    return count


def _state(folder: Path, contact: str) -> list[str]:
    """What the server's file holds of a conversation: its head and newest messages."""
    with contextlib.closing(sqlite3.connect(folder / "data" / "frontdesk.sqlite")) as connection:
        (head,) = connection.execute(
            "SELECT collection || '/' || name FROM documents WHERE json_extract(data, '$.contact') = ?",
            (contact,),
        ).fetchone()
        found = connection.execute(
            "SELECT data FROM documents WHERE collection || '/' || name = ? OR collection = ?"
            " ORDER BY name DESC LIMIT 4",
            (head, f"{head}/messages"),
        )
        return [data for (data,) in found]


async def _post(http: httpx.AsyncClient, server: Server, customer: int, number: int) -> None:
    said = {
        "id": f"wamid.{customer}.{number}",
        "type": "text",
        "text": {"body": QUESTIONS[number % len(QUESTIONS)]},
    }
    raw = as_meta_writes(message_body(PHONE, f"9198{customer:08d}", said))
    answer = await http.post(
        f"http://127.0.0.1:{server.port}{PATH}",
        content=raw,
        headers={"content-type": "application/json", **sign(raw, SECRET)},
    )
    answer.raise_for_status()
