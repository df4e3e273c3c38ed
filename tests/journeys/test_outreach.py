"""The desk speaks first: a nudge within the window, a template after it, and nothing after STOP."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from house import LAB_FILE, ROOT, SECRET, House, opened, until

from shared.backends.embedded import open as embedded
from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving

RULES = """  retargeting:
    triggers:
      - {condition: "event == 'booking_abandoned'", delay: 300, message: "Shall I finish your booking?"}
  outreach: {hours: {daily: "00:00-24:00"}}
  follow_ups:
    triggers:
      - {condition: "silent_hours >= `24`", message: "Shall I hold a time for you?"}
      - {condition: "silent_hours >= `72`", message: "Are you still there?"}

"""


@dataclass
class Ahead:
    """The machine's clock, and so much time that has passed besides."""

    by: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Ahead:
    """The installation's clock, which the journey sets forward."""
    ahead = Ahead()
    monkeypatch.setattr(embedded, "EmbeddedClock", lambda: ahead)
    return ahead


@pytest.fixture
async def lab(tmp_path: Path, clock: Ahead) -> AsyncIterator[House]:
    """The lab, with rules for what it says of its own accord."""
    configs = tmp_path / "configs"
    shutil.copytree(ROOT / "configs", configs)
    file = configs / LAB_FILE
    text = file.read_text("utf-8")
    begin, end = text.index("  retargeting:"), text.index("privacy:")
    file.write_text(text[:begin] + RULES + text[end:], "utf-8")
    graph = GraphApi(token="t-graph", app_secret=SECRET)
    async with (
        serving(graph.app) as url,
        opened(tmp_path / "data", graph, url, FRONTDESK_CONFIGS=str(configs)) as house,
    ):
        yield house


async def writes(lab: House, clock: Ahead, text: str) -> None:
    """The customer writes, by the moved clock."""
    at = str(int(clock.now().timestamp()))
    assert 200 == (await lab.post_signed("/webhooks/whatsapp", lab.whatsapp(text, timestamp=at))).status_code


async def outreach(lab: House, state: str) -> list[dict[str, Any]]:
    """What the desk said, or will say, of its own accord."""
    return [one for one in await lab.documents("outreach") if one["state"] == state]


async def test_a_booking_left_lying_is_taken_up_then_asked_back_and_stop_ends_it(
    lab: House, clock: Ahead
) -> None:
    """Minutes later free words go, a day later the template, and after STOP nothing that was to come."""
    await writes(lab, clock, "I want to book a blood test")
    await until(lambda: bool(lab.graph.accepted) and lab.said_nothing_new_for(0.5))
    answered = len(lab.graph.accepted)

    clock.by += timedelta(minutes=2)
    await until(lambda: planned(lab, 1))
    assert answered == len(lab.graph.accepted)
    clock.by += timedelta(minutes=4)
    await until(lambda: len(lab.graph.accepted) > answered)
    assert "Shall I finish your booking?" == lab.replies()[-1]

    clock.by += timedelta(hours=25)
    await until(lambda: len(lab.graph.accepted) > answered + 1)
    assert "desk_reply_waiting" == lab.graph.accepted[-1]["body"]["template"]["name"]
    sent = sorted(await outreach(lab, "sent"), key=lambda one: str(one["ended_at"]))
    assert [
        ("behavior.retargeting: event == 'booking_abandoned', send_message", "text"),
        ("behavior.follow_ups: silent_hours >= `24`, send_message", "template"),
    ] == [(one["purpose"], one["means"]) for one in sent]

    await writes(lab, clock, "STOP")
    await until(lambda: len(lab.graph.accepted) > answered + 2)
    assert "START" in lab.replies()[-1]
    for _ in range(4):
        clock.by += timedelta(hours=24)
        await until(lambda: lab.said_nothing_new_for(1.0))
    assert answered + 3 == len(lab.graph.accepted), lab.replies()
    assert 2 == len(await outreach(lab, "sent"))


async def planned(lab: House, count: int) -> bool:
    """Whether so much is to be said."""
    return count == len(await outreach(lab, "waiting"))
