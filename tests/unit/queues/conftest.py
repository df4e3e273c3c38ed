"""A business whose people come and go, on the real embedded backend; its timers ring when time passes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import msgspec
import pytest

from shared import bootstrap
from shared.config.settings import read_settings
from shared.desk.callbacks import ring_callback
from shared.desk.clocks import ring_clock
from shared.desk.end_takeover import end_takeover
from shared.desk.offer_waiting import offer_waiting
from shared.desk.presence import heartbeat, set_presence, watch_presence
from shared.desk.reassign_silent import reassign_silent
from shared.desk.route_handover import route_handover
from shared.desk.snooze import end_snooze
from shared.desk.tickets import escalate_ticket
from shared.domain.colleagues import Actor, Colleague
from shared.domain.events import Happened
from shared.ports import Put, Query
from tests.unit.models.set_clock import SetClock
from tests.unit.people.conftest import TENANT, Office

MONDAY = "2026-11-23T04:30:00"
"""10:00 on Monday, 23 November 2026, in Kolkata."""
RINGING: dict[str, Callable[..., Awaitable[None]]] = {
    one.__name__: one
    for one in (
        end_snooze,
        end_takeover,
        escalate_ticket,
        offer_waiting,
        reassign_silent,
        ring_callback,
        ring_clock,
        route_handover,
        watch_presence,
    )
}


@dataclass
class Shift(Office):
    """The services, the people at work, and one conversation."""

    at_work: dict[str, Actor] = field(default_factory=dict)
    rung: set[int] = field(default_factory=set)

    async def comes(self, name, *, skills=(), capacity=5, role="human_agent", presence="online"):
        """Somebody starts work."""
        actor = Actor(id=name, name=name.title(), role=role)
        wanted = Colleague(id=name, name=name.title(), role=role, skills=skills, capacity=capacity)
        await self.put(f"colleagues/{name}", wanted)
        await set_presence(self.services, TENANT, presence, by=actor)
        self.at_work[name] = actor
        return actor

    async def disappears(self, name):
        """Somebody's console gives no sign of life any more."""
        del self.at_work[name]

    async def passes(self, seconds):
        """Time goes by in steps of at most half a minute; consoles beat, and what is due rings."""
        while seconds > 0:
            step = min(seconds, 30)
            seconds -= step
            self.clock.pass_(step)
            for actor in self.at_work.values():
                await heartbeat(self.services, TENANT, by=actor)
            await self.rings()

    async def rings(self):
        """Every timer that is due calls its handler, once."""
        while due := [job for job in await self._jobs() if job[0] not in self.rung]:
            number, handler, body = due[0]
            self.rung.add(number)
            await RINGING[handler](self.services, **msgspec.json.decode(body))

    async def _jobs(self):
        now = int(self.clock.now().timestamp() * 1_000_000)
        handlers = ", ".join(f"'{name}'" for name in RINGING)
        sql = (
            f"SELECT id, handler, body FROM jobs WHERE handler IN ({handlers}) AND due <= ? ORDER BY due, id"
        )
        return await self.process.opened.databases[0].read(
            lambda connection: connection.execute(sql, (now,)).fetchall()
        )

    async def asks(self, words="I want to talk to a human"):
        """The customer asks for a person; what follows at once has happened."""
        await self.customer_writes(words)
        await self.desk_answers()
        for actor in self.at_work.values():
            await heartbeat(self.services, TENANT, by=actor)
        await self.rings()

    async def handover(self):
        """The newest handover."""
        return max(await self.handovers(), key=lambda one: one.asked_at)

    async def told(self, what):
        """Facts of a name, as they were told."""
        facts = [msgspec.convert(fact, Happened) for fact in await self._facts()]
        return [fact for fact in facts if fact.what == what]

    async def _facts(self):
        sql = "SELECT body FROM jobs WHERE topic = 'happened' AND handler = 'observe' ORDER BY id"
        return await self.process.opened.databases[0].read(
            lambda connection: [msgspec.json.decode(row[0]) for row in connection.execute(sql)]
        )

    async def all(self, collection, kind):
        """Every document of a tenant's collection."""
        page = await self.store.query(collection, Query())
        return [msgspec.convert(document.data, kind) for document in page.documents]

    async def left_behind(self, conversation):
        """What people left the desk to know."""
        page = await self.store.query(f"conversations/{conversation}/memory", Query())
        return [document.data for document in page.documents]

    async def said(self):
        """What the desk and people said to the customer."""
        return [one.content.text for one in await self.messages() if one.author != "customer"]

    async def put(self, path, record):
        """A document as it is to be found."""
        await self.store.commit([Put(path, msgspec.to_builtins(record))])


@pytest.fixture
async def shift(tmp_path):
    told = {"FRONTDESK_DATA": str(tmp_path), "FRONTDESK_CONFIGS": str(tmp_path)}
    process = bootstrap.Process(read_settings(told), told)
    services = await process.services()
    clock = SetClock(MONDAY)
    services = replace(services, ports=replace(services.ports, clock=clock))
    shift = Shift(process, services, clock)
    await shift.publish()
    yield shift
    await process.close()
