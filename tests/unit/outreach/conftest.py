"""A desk that speaks first, to customers of WhatsApp; its alarms ring when a test lets time pass."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shared import bootstrap
from shared.backends.embedded import open as embedded
from shared.config.settings import read_settings
from shared.desk.campaigns.advance import advance_campaign
from shared.desk.deliver import send_reply
from shared.desk.outreach.follow_up import follow_up
from shared.desk.outreach.reach import Wanted, reach, reach_out
from shared.desk.outreach.weigh import weigh_silence
from shared.domain.errors import Transient
from shared.domain.events import Happened, ReplyReady, Sender
from shared.domain.outreach import Outreach, Saying
from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving
from tests.unit.desk.front import DESK, Front, MovedClock

ASHA = "919812345678"
SAYING = Saying(text="Shall I finish your booking?")
CHANNELS: dict[str, Any] = {
    "webchat": {"enabled": True},
    "whatsapp": {
        "phone_number_id": "1001",
        "template": {"name": "hello_again", "language": "en", "text": "Are you still there?"},
        "templates": [{"name": "reminder", "language": "en", "text": "You are with us on {{1}}."}],
    },
    "sms": {"phone_number": "+15550001111"},
    "email": {"address": "desk@acme.example"},
}
RINGING = {one.__name__: one for one in (reach_out, weigh_silence, advance_campaign)}


@dataclass
class Speaking(Front):
    """The desk, and the alarms that were set."""

    process: bootstrap.Process | None = None
    rung: set[int] = field(default_factory=set)
    sends: bool = False  # whether messages go to the vendor

    async def wrote(self, text: str = "hello", who: str = ASHA, **more: Any) -> str:
        """Somebody writes on WhatsApp, from the number that proves them; their id with us."""
        self.on("whatsapp", "1001")
        self.customer = who
        await self.say(text, **({"sender": Sender(id=who, phone=f"+{who}")} | more))
        return (await self.head()).customer

    async def reach(self, **more: Any) -> Outreach:
        """Ask for something to be said; a booking's reminder to Asha unless said otherwise."""
        wanted = {"desk": "front", "purpose": "booking", "occasion": "b1", "saying": SAYING} | more
        return await reach(self.services, "acme", Wanted(**wanted))

    async def standing(self) -> list[Outreach]:
        """Every outreach as it is."""
        return [msgspec.convert(one, Outreach) for one in await self.documents("outreach")]

    async def passes(self, **by: float) -> None:
        """Time passes, by the hour, and what is due rings."""
        left = timedelta(**by)
        while left > timedelta():
            self.clock.at += min(left, timedelta(hours=1))
            left -= timedelta(hours=1)
            await self.rings()

    async def rings(self) -> None:
        """What is due rings, once."""
        while due := [job for job in await self._jobs() if job[0] not in self.rung]:
            number, handler, body = due[0]
            try:
                if handler == "send_reply":
                    await send_reply(self.services, ReplyReady.decode(body))
                elif handler == "follow_up":
                    await follow_up(self.services, Happened.decode(body))
                else:
                    await RINGING[handler](self.services, **msgspec.json.decode(body))
            except Transient:
                return
            self.rung.add(number)

    async def alarms(self) -> list[tuple[datetime, str]]:
        """The alarms that are still to ring, and whom they ring."""
        now = int(self.clock.now().timestamp() * 1_000_000)
        assert self.process is not None
        found = await self.process.opened.databases[0].read(
            lambda connection: connection.execute(
                "SELECT due, handler FROM jobs WHERE due > ? ORDER BY due", (now,)
            ).fetchall()
        )
        return [(datetime.fromtimestamp(due / 1_000_000, UTC), handler) for due, handler in found]

    async def _jobs(self) -> list[Any]:
        now = int(self.clock.now().timestamp() * 1_000_000)
        ringing = [*RINGING, "follow_up", *(["send_reply"] if self.sends else [])]
        handlers = ", ".join(f"'{name}'" for name in ringing)
        sql = (
            f"SELECT id, handler, body FROM jobs WHERE handler IN ({handlers}) AND due <= ? ORDER BY due, id"
        )
        assert self.process is not None
        return await self.process.opened.databases[0].read(
            lambda connection: connection.execute(sql, (now,)).fetchall()
        )


@pytest.fixture
async def graph(front: "Speaking") -> AsyncIterator[GraphApi]:
    """Meta's API, to which the desk's messages go."""
    api = GraphApi(token="t", app_secret="s")
    async with serving(api.app) as url:
        front.services = replace(front.services, addresses={"meta": url})
        front.sends = True
        yield api


@pytest.fixture
async def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Speaking]:
    """The desk, published; it is 23:50 in Kolkata, where its customers are."""
    clock = MovedClock()
    monkeypatch.setattr(embedded, "EmbeddedClock", lambda: clock)
    told = {"FRONTDESK_DATA": str(tmp_path), "META_ACCESS_TOKEN": "t"}
    process = bootstrap.Process(read_settings(told), told)
    front = Speaking(await process.services(), clock, process=process)
    front.written = {**DESK, "channels": CHANNELS}
    await front.publish()
    yield front
    await process.close()
