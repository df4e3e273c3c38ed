"""A desk that is called and calls, with a clock that is moved; timers ring when a test lets time pass."""

from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest

from shared import bootstrap
from shared.backends.embedded import open as embedded
from shared.config.settings import read_settings
from shared.desk.callbacks import ring_callback
from shared.desk.calls.begin import Ringing, begin
from shared.desk.calls.document import edit_call
from shared.desk.calls.end import end
from shared.desk.calls.place import place_call
from shared.desk.calls.watch import watch_call
from shared.domain.call_rooms import Trunk
from shared.domain.calls import Call
from shared.domain.customers import Customer
from shared.domain.errors import Transient
from shared.domain.planned_calls import PlannedCall
from shared.ports import Put
from tests.standins.livekit_project import LiveKitProject
from tests.unit.desk.front import DESK, Front, MovedClock

NUMBER, CUSTOMER = "+912200000103", "+919812345678"
OUTBOUND = {
    "enabled": True,
    "at_once": 2,
    "attempts": 3,
    "retry_minutes": [15, 120],
    "hours": {"daily": "00:00-24:00"},
}
VOICE: dict[str, Any] = {"enabled": True, "mode": "realtime", "outbound": OUTBOUND}
RINGING = {one.__name__: one for one in (watch_call, place_call, ring_callback)}


@dataclass
class Line(Front):
    """The desk, its LiveKit, and the timers that were set."""

    process: bootstrap.Process | None = None
    livekit: LiveKitProject | None = None
    rung: set[int] = field(default_factory=set)

    async def called(self, call="c1", **more) -> Call:
        """Somebody calls from a browser."""
        wanted = {"direction": "browser", "account": "front", "contact": "visitor", "room": f"room-{call}"}
        return await begin(self.services, await self.running(), Ringing(id=call, **wanted | more))

    async def call(self, call="c1") -> Call:
        """A call as it is."""
        document = await self.store.get(f"calls/{call}")
        return msgspec.convert(document.data, Call)

    async def planned(self) -> list[PlannedCall]:
        """The calls to be made."""
        return [msgspec.convert(one, PlannedCall) for one in await self.documents("planned_calls")]

    async def rules(self, **changes) -> None:
        """Publish the desk with other rules for calling out."""
        await self.publish(voice={**VOICE, "outbound": {**OUTBOUND, **changes}})

    async def customer_is(self, name="asha", **fields) -> None:
        """A customer as a channel knows them."""
        made = Customer(id=name, **fields)
        await self.store.commit([Put(f"customers/{name}", msgspec.to_builtins(made))])

    async def taken_up(self, call="c1", **more) -> None:
        """A job takes the call up."""
        wanted = {"job": "AJ_1", "state": "active", "answered_at": "2026-11-20T18:20:00.000000Z"} | more
        await edit_call(
            self.services, "acme", call, lambda before, _: msgspec.structs.replace(before, **wanted)
        )

    async def over(self, call, outcome) -> None:
        """Whoever carries it ends the call."""
        await end(self.services, self.store, call, outcome=outcome)

    async def passes(self, seconds) -> None:
        """Time passes, second by second for a minute and then by the minute, and what is due rings."""
        while seconds > 0:
            step = 1 if seconds <= 120 else 60
            self.clock.move(seconds=step)
            seconds -= step
            await self.rings()

    async def rings(self) -> None:
        """What is due rings, once; what fails for now is tried again the next time."""
        while due := [job for job in await self._jobs() if job[0] not in self.rung]:
            number, handler, body = due[0]
            try:
                await RINGING[handler](self.services, **msgspec.json.decode(body))
            except Transient:
                return
            self.rung.add(number)

    async def _jobs(self):
        now = int(self.clock.now().timestamp() * 1_000_000)
        handlers = ", ".join(f"'{name}'" for name in RINGING)
        sql = (
            f"SELECT id, handler, body FROM jobs WHERE handler IN ({handlers}) AND due <= ? ORDER BY due, id"
        )
        return await self.process.opened.databases[0].read(
            lambda connection: connection.execute(sql, (now,)).fetchall()
        )


@pytest.fixture
async def line(tmp_path, monkeypatch):
    """The desk, published with a voice, a number and a trunk; nobody carries its calls."""
    clock = MovedClock()
    monkeypatch.setattr(embedded, "EmbeddedClock", lambda: clock)
    told = {"FRONTDESK_DATA": str(tmp_path)}
    process = bootstrap.Process(read_settings(told), told)
    livekit = LiveKitProject(clock.now, out=[Trunk(id="ST_out", name="frontdesk front", numbers=(NUMBER,))])
    services = replace(await process.services(), livekit=lambda: livekit)
    line = Line(services, clock, process=process, livekit=livekit)
    channels = {**DESK["channels"], "room": {}, "phone": {"numbers": [NUMBER]}}
    await line.publish(voice=VOICE, channels=channels)
    yield line
    await process.close()
