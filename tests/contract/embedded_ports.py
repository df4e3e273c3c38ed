"""The embedded backend under contract: its loops run in the test's own process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness import Fired, Harness, Told

from shared.backends.embedded.blobs import EmbeddedBlobs
from shared.backends.embedded.bus import EmbeddedBus
from shared.backends.embedded.clock import EmbeddedClock
from shared.backends.embedded.database import Database
from shared.backends.embedded.jobs import Subscription
from shared.backends.embedded.live import EmbeddedLive
from shared.backends.embedded.secrets import EmbeddedSecrets
from shared.backends.embedded.store import EmbeddedStore
from shared.backends.embedded.timers import EmbeddedTimers
from shared.domain.deliveries import Delivery, Firing
from shared.ports import Ports


@dataclass
class EmbeddedHarness:
    folder: Path
    stack: AsyncExitStack
    subscriptions: dict[str, list[Subscription]] = field(default_factory=dict)
    timed: dict[str, Subscription] = field(default_factory=dict)
    hearers: dict[str, Callable[[Told], Awaitable[None]]] = field(default_factory=dict)
    firers: dict[str, Callable[[Fired], Awaitable[None]]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def open(self) -> Ports:
        """Ports on the folder's files, as any process opens them."""
        clock = EmbeddedClock()
        database = Database(self.folder / "frontdesk.sqlite")
        notes = Database(self.folder / "live.sqlite", durable=False)
        live = EmbeddedLive(notes, clock)
        for closing in (database.close, notes.close, live.close):
            self.stack.push_async_callback(closing)
        return Ports(
            store=EmbeddedStore(database, clock),
            bus=EmbeddedBus(database, clock, self.subscriptions),
            timers=EmbeddedTimers(database, clock, self.timed),
            blobs=EmbeddedBlobs(self.folder / "blobs"),
            secrets=EmbeddedSecrets(self.secrets),
            live=live,
            clock=clock,
        )

    async def start(self) -> None:
        self.ports = self.open()
        loops = (
            (self.ports.bus, self.ports.bus.run(self._deliver)),
            (
                self.ports.timers,
                self.ports.timers.run(self._fire),
            ),
        )
        for port, loop in loops:
            self.stack.push_async_callback(asyncio.wait, [asyncio.create_task(loop)])
            self.stack.push_async_callback(port.close)

    async def another(self) -> Ports:
        return self.open()

    async def subscribe(self, topic, handler, hear, *, attempts=5) -> None:
        self.hearers[handler] = hear
        self.subscriptions.setdefault(topic, []).append(Subscription(handler, attempts, 0.01, 0.05))

    async def on_timer(self, handler, fire, *, attempts=5) -> None:
        self.firers[handler] = fire
        self.timed[handler] = Subscription(handler, attempts, 0.01, 0.05)

    async def put_secret(self, name, value) -> None:
        self.secrets[name] = value

    async def _deliver(self, delivery: Delivery) -> None:
        await self.hearers[delivery.handler](Told(delivery.topic, delivery.body, delivery.attributes))

    async def _fire(self, firing: Firing) -> None:
        await self.firers[firing.handler](Fired(firing.name, firing.payload))


@asynccontextmanager
async def open_embedded(folder: Path) -> AsyncIterator[Harness]:
    """A harness on an empty folder."""
    async with AsyncExitStack() as stack:
        harness = EmbeddedHarness(folder, stack)
        await harness.start()
        yield harness
