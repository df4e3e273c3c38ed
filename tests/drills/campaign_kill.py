"""Kills the server at the points a campaign passes, and counts at the vendor who was written to how often."""

import asyncio
import shutil
import signal
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared import bootstrap
from shared.config.publish import publish_folder
from shared.config.settings import read_settings
from shared.desk.campaigns.control import find_campaign, start
from shared.desk.campaigns.draft import draft
from shared.desk.campaigns.wanted import Wanted
from shared.domain.campaigns import Campaign
from shared.domain.colleagues import Actor
from tests.drills.casualty import Casualty
from tests.drills.tally import Tally
from tests.journeys.house import LAB_TENANT, ROOT, SECRET
from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving

ROWS = 20
HANDLERS = ("advance_campaign", "send_reply")
SMALL = 5
AT_ONCE = 2
NOON = 12 * 60
INDIA = timedelta(hours=5, minutes=30)
LATER = 1000.0
"""Seconds a risen server's clock is further ahead: leases have ended, and what is uncertain is decided."""
PATIENCE, STARTS = 40.0, 5
BY = Actor(id="drill", name="The drill", role="owner")


async def drill(*, full: bool) -> Tally:
    """In full every point that a clean run passes once; otherwise a few of them."""
    tally = Tally("campaign")
    with tempfile.TemporaryDirectory(prefix="frontdesk-campaign-") as scratch:
        folder = Path(scratch)
        campaign = await _drawn_up(folder / "drawn")
        wrong, passed = await _run(folder / "clean", folder / "drawn", campaign, "")
        tally.check(not wrong, f"without a death: {'; '.join(wrong)}")
        points = list(dict.fromkeys(one for one in passed if one.partition(":")[0] in HANDLERS))
        step = 1.0 if full else max(1.0, len(points) / SMALL)
        chosen = [points[int(nth * step)] for nth in range(int(len(points) / step))]
        tally.notes.append(f"{len(points)} points, {ROWS} people each")
        room = asyncio.Semaphore(AT_ONCE)

        async def one(number: int, point: str) -> None:
            async with room:
                wrong, _ = await _run(folder / str(number), folder / "drawn", campaign, point)
            tally.check(not wrong, f"killed at {point}: {'; '.join(wrong)}")

        await asyncio.gather(*(one(number, point) for number, point in enumerate(chosen)))
    return tally


async def _drawn_up(folder: Path) -> str:
    """An installation with a campaign that was started and has not begun; the campaign's id."""
    process = _process(folder)
    services = await process.services()
    await publish_folder(ROOT / "configs", services.versions, process.catalogue())
    lines = "\n".join(f"+9198000{number:05d}" for number in range(ROWS))
    wanted = Wanted(
        desk="krishna", name="Drill", template="desk_reply_waiting", agreed="for the drill", per_minute=600
    )
    made, seen = await draft(services, LAB_TENANT, wanted, f"phone\n{lines}\n".encode(), by=BY)
    assert made is not None, seen.mistakes
    await start(services, LAB_TENANT, made.id, by=BY)
    await process.close()
    return made.id


def _process(folder: Path) -> bootstrap.Process:
    told = {
        "FRONTDESK_DATA": str(folder / "data"),
        "FRONTDESK_CONFIGS": str(ROOT / "configs"),
        "META_ACCESS_TOKEN": "t-graph",
    }
    return bootstrap.Process(read_settings(told), told)


async def _run(folder: Path, drawn: Path, campaign: str, point: str) -> tuple[list[str], list[str]]:
    """What was wrong after a death at a point, and the points that were passed until then."""
    await asyncio.to_thread(shutil.copytree, drawn, folder)
    graph = GraphApi(token="t-graph", app_secret=SECRET)
    noon = _until_noon()
    async with serving(graph.app) as url:
        casualty = Casualty(folder, url)
        await casualty.start(ahead=noon, fatal=point)
        rising = asyncio.create_task(_attend(casualty, noon + LATER))
        try:
            known, times = await _over(folder, campaign), 1
            while known.state == "running" and times < STARTS:
                times += 1  # what its sender did not live to hear of is decided after its wait
                await casualty.restart(ahead=noon + times * LATER)
                known = await _over(folder, campaign)
        finally:
            rising.cancel()
            await casualty.stop()
    passed = casualty.passed.read_text().split() if casualty.passed.exists() else []
    return _wrongs(graph, known), passed


async def _attend(casualty: Casualty, ahead: float) -> None:
    """Start it again each time it has killed itself."""
    while await casualty.ended() == -signal.SIGKILL:
        casualty.died_at = time.monotonic()
        await casualty.start(ahead=ahead)


def _until_noon() -> float:
    """Seconds by which a clock must run ahead to show noon in India, where those who are written to are."""
    now = datetime.now(UTC) + INDIA
    return ((NOON - now.hour * 60 - now.minute) % (24 * 60)) * 60.0


async def _over(folder: Path, campaign: str) -> Campaign:
    """The campaign once it is over, or as it is when patience is at its end."""
    process = _process(folder)
    store = (await process.services()).tenant(LAB_TENANT)
    try:
        async with asyncio.timeout(PATIENCE):
            while (known := await find_campaign(store, campaign)).state == "running":  # noqa: ASYNC110
                await asyncio.sleep(0.2)
    except TimeoutError:
        known = await find_campaign(store, campaign)
    finally:
        await process.close()
    return known


def _wrongs(graph: GraphApi, known: Campaign) -> list[str]:
    """What must not be: somebody written to twice, somebody forgotten, counts that do not add up."""
    said: Counter[Any] = Counter(item["body"]["to"] for item in graph.accepted)
    twice = [to for to, times in said.items() if times > 1]
    wrong = [f"{len(twice)} written to twice"] if twice else []
    if known.state != "done":
        wrong.append(f"it is {known.state}: {known.reason} {known.counts}")
    reached, failed = known.counts.get("reached", 0), known.counts.get("failed", 0)
    if reached + failed != ROWS or not ROWS - failed <= len(said) <= ROWS:
        wrong.append(f"{len(said)} of {ROWS} written to, {reached} reached, {failed} failed")
    return wrong
