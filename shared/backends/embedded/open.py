"""Opens the ports on one machine: one SQLite file, one for hints, and a folder for large contents."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.backends.embedded.blobs import EmbeddedBlobs
from shared.backends.embedded.bus import EmbeddedBus
from shared.backends.embedded.clock import EmbeddedClock
from shared.backends.embedded.database import Database
from shared.backends.embedded.jobs import Subscription
from shared.backends.embedded.live import EmbeddedLive
from shared.backends.embedded.secrets import EmbeddedSecrets
from shared.backends.embedded.store import EmbeddedStore
from shared.backends.embedded.timers import EmbeddedTimers
from shared.backends.embedded.together import EmbeddedTogether
from shared.config.manifest import Handler
from shared.config.settings import Settings
from shared.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The ports, with the parts a process runs and closes."""

    ports: Ports
    bus: EmbeddedBus
    timers: EmbeddedTimers
    live: EmbeddedLive
    databases: tuple[Database, ...]

    async def close(self) -> None:
        """Let what runs finish, then close the files."""
        await self.bus.stop()
        await self.timers.stop()
        await self.live.close()
        for database in self.databases:
            await database.close()


def open_ports(settings: Settings, handlers: Sequence[Handler], environment: dict[str, str]) -> Opened:
    """The ports on the settings' folder, which is made where it is missing."""
    folder = settings.data_folder
    folder.mkdir(parents=True, exist_ok=True)
    clock = EmbeddedClock()
    database = Database(folder / "frontdesk.sqlite")
    hints = Database(folder / "live.sqlite", durable=False)
    topics: dict[str, list[Subscription]] = {}
    called: dict[str, Subscription] = {}
    for handler in handlers:
        tried = Subscription(handler.name, handler.attempts, handler.min_backoff, handler.max_backoff)
        called[handler.name] = tried
        if handler.topic:
            topics.setdefault(handler.topic, []).append(tried)
    bus = EmbeddedBus(database, clock, topics)
    timers = EmbeddedTimers(database, clock, called)
    live = EmbeddedLive(hints, clock)
    store = EmbeddedStore(database, clock)
    ports = Ports(
        store=store,
        bus=bus,
        timers=timers,
        blobs=EmbeddedBlobs(folder / "blobs"),
        secrets=EmbeddedSecrets(environment),
        live=live,
        clock=clock,
        together=EmbeddedTogether(database, store, bus, timers),
    )
    return Opened(ports=ports, bus=bus, timers=timers, live=live, databases=(database, hints))
