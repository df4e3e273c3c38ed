"""The Google backend under contract: the official emulators, and stand-ins where Google has none.

Handlers are called as in production: Pub/Sub and Cloud Tasks push to a server, whose doors hand on what
they get to the backend.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from google.cloud.tasks_v2 import RetryConfig
from harness import Fired, Harness, Told
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.backends.google.blobs import GoogleBlobs
from shared.backends.google.bus import GoogleBus
from shared.backends.google.clock import GoogleClock
from shared.backends.google.live import GoogleLive
from shared.backends.google.pubsub import PubSub
from shared.backends.google.pushes import hear, ring
from shared.backends.google.secrets import GoogleSecrets
from shared.backends.google.store import GoogleStore
from shared.backends.google.subscriptions import Subscription, provision
from shared.backends.google.timers import GoogleTimers
from shared.domain.deliveries import Delivery, Firing
from shared.ports import Ports
from tests.emulators import shared_firestore, shared_pubsub
from tests.standins.cloud_storage import CloudStorage, cloud_storage
from tests.standins.cloud_tasks import CloudTasks, cloud_tasks
from tests.standins.secret_manager import SecretManager, secret_manager
from tests.standins.serving import serving

HASTY = RetryConfig(min_backoff=timedelta(seconds=0.01), max_backoff=timedelta(seconds=0.05))


@dataclass
class GoogleHarness:
    stack: AsyncExitStack
    project: str = field(default_factory=lambda: f"demo-{uuid4().hex[:12]}")
    handlers: dict[str, str] = field(default_factory=dict)  # addresses
    hearers: dict[str, Callable[[Told], Awaitable[None]]] = field(default_factory=dict)
    firers: dict[str, tuple[Callable[[Fired], Awaitable[None]], int]] = field(default_factory=dict)
    tasks: CloudTasks = field(init=False)
    storage: CloudStorage = field(init=False)
    secrets: SecretManager = field(init=False)
    address: str = field(init=False)
    bus: GoogleBus = field(init=False)
    ports: Ports = field(init=False)

    async def start(self) -> None:
        doors = [
            Route("/events/{handler}", self._event, methods=["POST"]),
            Route("/timers/{handler}", self._timer, methods=["POST"]),
        ]
        self.address = await self.stack.enter_async_context(serving(Starlette(routes=doors)))
        self.tasks = await self.stack.enter_async_context(cloud_tasks())
        self.storage = await self.stack.enter_async_context(cloud_storage())
        self.secrets = await self.stack.enter_async_context(secret_manager())
        self.tasks.add_queue(self.queue, HASTY)
        self.ports = self.open()
        self.bus = self.ports.bus
        await self._provision("happened", "observe")

    @property
    def queue(self) -> str:
        return f"projects/{self.project}/locations/europe-west1/queues/timers"

    def open(self) -> Ports:
        """Ports on the project, as any process opens them."""
        clock, emulator = GoogleClock(), shared_firestore()
        store = GoogleStore(self.project, clock=clock, emulator=emulator)
        timers = GoogleTimers(self.queue, self.handlers, store=store, clock=clock, address=self.tasks.address)
        pubsub = PubSub(self.project, emulator=shared_pubsub())
        ports = Ports(
            store=store,
            bus=GoogleBus(pubsub, clock, store=store, timers=timers),
            timers=timers,
            blobs=GoogleBlobs(self.project, "blobs", endpoint=self.storage.address),
            secrets=GoogleSecrets(self.project, address=self.secrets.address),
            live=GoogleLive(self.project, store=store, clock=clock, emulator=emulator),
            clock=clock,
        )
        for port in (store, ports.bus, timers, ports.blobs, ports.secrets, ports.live):
            self.stack.push_async_callback(port.close)
        return ports

    async def another(self) -> Ports:
        return self.open()

    async def subscribe(self, topic, handler, hear, *, attempts=5) -> None:
        self.hearers[handler] = hear
        await self._provision(topic, handler, attempts)

    async def on_timer(self, handler, fire, *, attempts=5) -> None:
        self.firers[handler] = (fire, attempts)
        self.handlers[handler] = f"{self.address}/timers/{handler}"

    async def put_secret(self, name, value) -> None:
        versions = self.secrets.values.setdefault(f"projects/{self.project}/secrets/{name}", [])
        versions.append(value.encode())

    async def _provision(self, topic, handler, attempts=5) -> None:
        subscription = Subscription(
            handler=handler, topic=topic, attempts=attempts, min_backoff=0.1, max_backoff=0.1
        )
        pubsub = PubSub(self.project, emulator=shared_pubsub())
        await provision(pubsub, [subscription], lambda name: f"{self.address}/events/{name}")
        await pubsub.close()

    async def _event(self, request: Request) -> Response:
        async def deliver(delivery: Delivery) -> None:
            await self.hearers[delivery.handler](Told(delivery.topic, delivery.body, delivery.attributes))

        return await _answered(hear(await request.body(), request.path_params["handler"], self.bus, deliver))

    async def _timer(self, request: Request) -> Response:
        handler = request.path_params["handler"]
        fire, attempts = self.firers[handler]

        async def ringing(firing: Firing) -> None:
            await fire(Fired(firing.name, firing.payload))

        return await _answered(
            ring(await request.body(), request.headers, handler, self.bus, ringing, attempts=attempts)
        )


async def _answered(work: Awaitable[None]) -> Response:
    """What a door answers: 204 when the work is done, 500 where it is to come back."""
    try:
        await work
    except Exception:  # noqa: BLE001  # as the functions framework does
        return Response(status_code=500)
    return Response(status_code=204)


@asynccontextmanager
async def open_google(folder: Path) -> AsyncIterator[Harness]:
    """A harness on an empty project."""
    async with AsyncExitStack() as stack:
        harness = GoogleHarness(stack)
        await harness.start()
        yield harness
