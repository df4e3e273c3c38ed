"""Kills the server at every point it passes, and looks at what its customers and its books say after."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.drills.afterwards import wrongs
from tests.drills.books import Books
from tests.drills.casualty import Casualty
from tests.drills.installation import rest
from tests.drills.tally import Tally
from tests.journeys.house import LAB, SECRET
from tests.standins.graph_api import GraphApi, message_body, status_body
from tests.standins.serving import serving

TALKS: dict[str, tuple[str, ...]] = {
    "price": ("What does a CBC test cost?",),
    "booking": ("I would like to book a blood test", "the second one"),
}
HANDLERS = ("receive_whatsapp", "record_message", "take_turn", "send_reply", "record_delivery", "observe")
CUSTOMER = "919812345678"
READS = ("store.get", "store.query")
AHEAD = 120.0
"""Seconds a risen server's clock runs ahead: leases have ended, and what was left behind is due."""
SMALL = 25
AT_ONCE = 4
PATIENCE = 150.0
"""Seconds until a run that does not come to rest is given up."""
LATER = 1000.0
"""Seconds ahead for the last start of a run that left something uncertain: its wait is over then."""


@dataclass
class Run:
    """One talk with one death."""

    talk: str
    point: str
    ahead: float
    sent: list[str] = field(default_factory=list)  # the customer's message ids
    reported: int = 0  # of the vendor's acceptances
    wrong: list[str] = field(default_factory=list)
    unconfirmed: int = 0
    died: bool = False
    recovery: float = 0.0
    reached: list[str] = field(default_factory=list)


async def drill(*, full: bool) -> Tally:
    """In full every point, and those that write at three clocks; otherwise some twenty-five."""
    tally = Tally("kill")
    with tempfile.TemporaryDirectory(prefix="frontdesk-kill-") as scratch:
        folder = Path(scratch)
        await _publish(folder / "published")
        points = await _points(folder, tally)
        todo = [(talk, point, AHEAD) for talk, point in points]
        if full:
            writes = [(talk, point) for talk, point in points if not any(verb in point for verb in READS)]
            todo += [(talk, point, ahead) for talk, point in writes for ahead in (20.0, 0.0)]
        else:
            todo = _spread(todo, SMALL)
        await _all(folder, todo, tally)
    return tally


async def _points(folder: Path, tally: Tally) -> list[tuple[str, str]]:
    """What clean runs of each talk pass; each point once, in the order it is first passed."""
    found: dict[tuple[str, str], None] = {}
    for talk in TALKS:
        run = await _run(folder / f"clean-{talk}", talk, "")
        tally.check(not run.wrong, f"{talk} without a death: {'; '.join(run.wrong)}")
        found |= {(talk, point): None for point in run.reached if point.partition(":")[0] in HANDLERS}
    tally.notes.append(f"{len(found)} points")
    return list(found)


async def _publish(folder: Path) -> None:
    """An installation whose desks are published, to begin every run from."""
    await asyncio.to_thread(folder.mkdir)
    casualty = Casualty(folder, "http://127.0.0.1:1")
    await casualty.start()
    give_up = time.monotonic() + PATIENCE
    async with httpx.AsyncClient(trust_env=False) as http:
        while not await casualty.has_desks(http):
            assert time.monotonic() < give_up, "the desks were not published"
            await asyncio.sleep(0.1)
    await casualty.stop()


def _spread(todo: list[Any], count: int) -> list[Any]:
    step = max(1, len(todo) / count)
    return [todo[int(nth * step)] for nth in range(min(count, len(todo)))]


async def _all(folder: Path, todo: Sequence[tuple[str, str, float]], tally: Tally) -> None:
    room = asyncio.Semaphore(AT_ONCE)
    runs: list[Run] = []

    async def one(number: int, talk: str, point: str, ahead: float) -> None:
        async with room:
            run = await _run(folder / str(number), talk, point, ahead=ahead)
        runs.append(run)
        told = f"{run.talk} killed at {run.point}, clock {run.ahead:+.0f} s: {'; '.join(run.wrong)}"
        if run.died or run.wrong:
            tally.check(not run.wrong, told)

    await asyncio.gather(*(one(number, *order) for number, order in enumerate(todo)))
    died = [run for run in runs if run.died]
    tally.notes += [
        f"{len(runs) - len(died)} points not reached again",
        f"{sum(run.unconfirmed for run in runs)} unconfirmed",
    ]
    recoveries = sorted(run.recovery for run in died)
    if recoveries:
        tally.notes.append(
            f"settled {recoveries[int(len(recoveries) * 0.95)]:.1f} s after the death (95 of 100)"
        )


async def _run(folder: Path, talk: str, point: str, *, ahead: float = 0.0) -> Run:
    """The talk on a fresh installation that dies at the point, and what is wrong afterwards."""
    shutil.copytree(folder.parent / "published", folder)
    run, data = Run(talk, point, ahead), folder / "data"
    graph = GraphApi(token="t-graph", app_secret=SECRET)
    async with serving(graph.app) as graph_url, httpx.AsyncClient(timeout=30, trust_env=False) as http:
        casualty = Casualty(folder, graph_url, fatal=point, ahead=ahead)
        at_work = [
            asyncio.create_task(casualty.attend()),
            asyncio.create_task(_report(run, casualty, graph, http)),
        ]
        try:
            for nth, words in enumerate(TALKS[talk]):
                message = {"id": f"wamid.{talk}.{nth}", "type": "text", "text": {"body": words}}
                run.sent.append(message["id"])
                await casualty.tell(http, message_body(LAB, CUSTOMER, message))
                await rest(data, lambda: run.reported == len(graph.accepted))
            if casualty.died_at:
                run.died, run.recovery = True, time.monotonic() - casualty.died_at
            if Books.read(data).uncertain:
                await casualty.restart(ahead=LATER)
                await rest(data, lambda: not Books.read(data).uncertain)
        except TimeoutError as late:
            run.wrong.append(str(late))
        finally:
            for task in at_work:
                task.cancel()
            await asyncio.gather(*at_work, return_exceptions=True)
            await casualty.stop()
        books = Books.read(data)
        run.wrong += wrongs(books, talk, run.sent, graph.accepted)
    run.unconfirmed = sum(message["status"] == "unconfirmed" for message in books.messages)
    run.reached = casualty.passed.read_text().split()
    if run.unconfirmed and not _died_sending(run.reached):
        run.wrong.append("unconfirmed, though its sender did not die")
    if not run.wrong:
        shutil.rmtree(folder)
    return run


def _died_sending(reached: list[str]) -> bool:
    """Whether the last thing a sender did was to mark a message `sending`: its next commit is the outcome."""
    begun = sum(point.startswith("send_reply:store.commit:before") for point in reached)
    ended = sum(point.startswith("send_reply:store.commit:after") for point in reached)
    return begun % 2 == 1 or ended < begun


async def _report(run: Run, casualty: Casualty, graph: GraphApi, http: httpx.AsyncClient) -> None:
    """Report each accepted message delivered, as the vendor does: until it is heard."""
    while True:
        while run.reported < len(graph.accepted):
            taken = graph.accepted[run.reported]
            key = taken["body"]["biz_opaque_callback_data"]
            await casualty.tell(http, status_body(LAB, taken["id"], CUSTOMER, "delivered", key))
            run.reported += 1
        await asyncio.sleep(0.05)
