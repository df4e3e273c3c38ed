"""Opens the ports on Google Cloud; or on the official emulators, with stand-ins where Google has none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.backends.google.bus import GoogleBus
from shared.backends.google.clock import GoogleClock
from shared.backends.google.pubsub import PubSub
from shared.config.settings import Settings

if TYPE_CHECKING:
    from shared.config.manifest import Handler
    from shared.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The ports, with the parts a process closes."""

    ports: "Ports"
    bus: GoogleBus

    async def close(self) -> None:
        """Hang up."""
        ports = self.ports
        for port in (ports.live, ports.bus, ports.timers, ports.blobs, ports.secrets, ports.store):
            await port.close()  # type: ignore[union-attr]  # all of this backend have it


def open_bus(settings: Settings) -> GoogleBus:
    """The bus alone, for receivers: nothing else is loaded."""
    return GoogleBus(PubSub(settings.project, emulator=settings.pubsub_emulator or None), GoogleClock())


def open_ports(settings: Settings, handlers: "Sequence[Handler]", environment: Mapping[str, str]) -> Opened:
    """The ports of the settings' project. Nothing connects before the first call."""
    # ruff: noqa: PLC0415  a receiver takes `open_bus` and loads none of these
    from shared.backends.google.blobs import GoogleBlobs
    from shared.backends.google.live import GoogleLive
    from shared.backends.google.secrets import GoogleSecrets
    from shared.backends.google.store import GoogleStore
    from shared.backends.google.timers import GoogleTimers
    from shared.ports import Ports

    del environment  # secrets are Secret Manager's here
    project, clock = settings.project, GoogleClock()
    emulator = settings.firestore_emulator or None
    store = GoogleStore(project, clock=clock, emulator=emulator)
    timers = GoogleTimers(
        f"projects/{project}/locations/{settings.location}/queues/timers",
        {handler.name: address_of(settings, handler.name) for handler in handlers if handler.queue},
        store=store,
        clock=clock,
        service_account=settings.service_account or None,
        address=settings.tasks_address or None,
    )
    pubsub = PubSub(project, emulator=settings.pubsub_emulator or None)
    bus = GoogleBus(pubsub, clock, store=store, timers=timers)
    ports = Ports(
        store=store,
        bus=bus,
        timers=timers,
        blobs=GoogleBlobs(project, settings.bucket, endpoint=settings.storage_address or None),
        secrets=GoogleSecrets(project, address=settings.secrets_address or None),
        live=GoogleLive(project, store=store, clock=clock, emulator=emulator),
        clock=clock,
    )
    return Opened(ports=ports, bus=bus)


def address_of(settings: Settings, handler: str) -> str:
    """Where a handler is called: the local server's own path where emulators call, else as deployed."""
    written = settings.handlers_url or f"http://127.0.0.1:{settings.port}/handlers/{{handler}}"
    return written.replace("{handler}", handler.replace("_", "-") if settings.handlers_url else handler)


async def provision_emulator(settings: Settings, handlers: "Sequence[Handler]") -> None:
    """Make the emulator's topics and push subscriptions; on Google Cloud they are Terraform's."""
    from shared.backends.google.subscriptions import Subscription, provision

    pubsub = PubSub(settings.project, emulator=settings.pubsub_emulator)
    subscriptions = [
        Subscription(
            handler=handler.name,
            topic=handler.topic,
            attempts=handler.attempts,
            min_backoff=handler.min_backoff,
            max_backoff=handler.max_backoff,
            ack_deadline=handler.ack_deadline,
        )
        for handler in handlers
        if handler.topic
    ]
    await provision(pubsub, subscriptions, lambda name: address_of(settings, name))
    await pubsub.close()
