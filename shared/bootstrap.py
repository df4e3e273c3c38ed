"""The one place that knows everybody: reads the environment once and opens what a process needs, lazily.

Imports stand inside functions, so that a receiver loads a bus and a channel and nothing else.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.config.settings import Settings, read_settings
from shared.domain.content import ChannelName

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from shared.api.board import Board
    from shared.api.receive import Reception
    from shared.api.told import Hear, Ring
    from shared.config.catalogue import Catalogue
    from shared.config.manifest import Handler
    from shared.config.versions import Published
    from shared.desk.services import Services
    from shared.integrations.livekit import LiveKit
    from shared.knowledge.index import KnowledgeIndex
    from shared.models.router import Router as ModelRouter
    from shared.ports import Bus, Ports
    from shared.runs.compile import Graph
    from shared.runs.definitions import Definition
    from shared.security.tenancy import TenantStore

    Opened = Callable[[Services, Board, Settings], ASGIApp]

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "functions" / "manifest.yaml"
VOICE_ENV = "voice.env"
"""In the data folder: where the LiveKit server of this machine is, as `make voice` opened it."""


class Process:
    """What one process works with, each part opened when it is first asked for."""

    def __init__(self, settings: Settings, environment: dict[str, str]) -> None:
        self.settings = settings
        self.environment = environment
        self._graphs: dict[str, Any] = {}
        self._building = asyncio.Lock()
        self._services: Services | None = None
        self._board: Board | None = None
        self._sites: dict[str, ASGIApp] = {}
        self._receptions: dict[tuple[ChannelName, str], Reception] = {}
        self._livekit: LiveKit | None = None

    @cached_property
    def handlers(self) -> "tuple[Handler, ...]":
        """The wiring page."""
        from shared.config.manifest import read_manifest

        return read_manifest(MANIFEST)

    @cached_property
    def opened(self) -> Any:
        """The backend the settings name, open: `ports`, and `close`."""
        if self.settings.embedded:
            from shared.backends.embedded.open import open_ports as open_embedded

            return open_embedded(self.settings, self.handlers, self.environment)
        from shared.backends.google.open import open_ports as open_google

        return open_google(self.settings, self.handlers, self.environment)

    @property
    def ports(self) -> "Ports":
        """The ports on that backend."""
        ports: Ports = self.opened.ports
        return ports

    @cached_property
    def bus(self) -> "Bus":
        """The bus alone, for processes that only publish."""
        if self.settings.embedded:
            return self.ports.bus
        from shared.backends.google.open import open_bus

        return open_bus(self.settings)

    def reception(self, channel: ChannelName, secrets: str) -> "Reception":
        """What a channel's receiver works with; `secrets` names the setting that verifies its webhooks."""
        key = channel, secrets
        if key not in self._receptions:
            self._receptions[key] = self._reception(channel, secrets)
        return self._receptions[key]

    def _reception(self, channel: ChannelName, secrets: str) -> "Reception":
        from shared.api.receive import Reception

        async def own_secrets(account: str) -> Sequence[str]:
            from shared.desk.channels import own_webhook_secrets

            return await own_webhook_secrets(await self.services(), channel, account)

        return Reception(
            bus=self.bus,
            public_url=self.settings.address,
            platform_secrets=self.settings.secrets_of(secrets),
            own_secrets=own_secrets,
        )

    async def verify(self, request: "Request", handler: str) -> None:
        """Returns if our own bus, timers or schedule are calling. Raises Forged."""
        given = request.headers.get("authorization")
        if self.settings.embedded:
            from shared.backends.embedded.identity import verify_caller

            await verify_caller(given)
        elif not self.settings.pubsub_emulator:  # the emulators sign nothing, and listen on loopback alone
            from shared.backends.google.identity import verify_caller as verify_google
            from shared.backends.google.open import address_of

            await verify_google(given, address_of(self.settings, handler), self.settings.service_account)

    async def take(self, request: "Request", handler: str, hear: "Hear", ring: "Ring") -> None:
        """Check that our own bus or timers are calling, and hand on what they tell. Raises Forged."""
        from shared.domain.deliveries import read_push, read_timer

        await self.verify(request, handler)
        body, timer = await request.body(), "x-cloudtasks-taskname" in request.headers
        if self.settings.embedded:
            if timer:
                await ring(read_timer(body, handler, request.headers))
            else:
                await hear(read_push(body, handler))
            return
        from shared.backends.google import pushes

        if timer:
            attempts = next(one.attempts for one in self.handlers if one.name == handler)
            await pushes.ring(body, request.headers, handler, self.opened.bus, ring, attempts=attempts)
        else:
            await pushes.hear(body, handler, self.opened.bus, hear)

    async def services(self) -> "Services":
        """What the desk's verbs work with; built once, by whoever asks first."""
        if self._services is None:
            async with self._building:
                if self._services is None:
                    self._services = await asyncio.to_thread(self._build)
        return self._services

    def _build(self) -> "Services":
        import httpx

        from shared.channels.registry import channel_named
        from shared.config.drafts import Drafts
        from shared.config.versions import Versions
        from shared.desk.services import Services
        from shared.runs.definitions import Definitions
        from shared.security.tenancy import PlatformStore
        from shared.tools.registry import tool_catalogue

        settings, ports = self.settings, self.ports
        platform = PlatformStore.of(ports.store)
        versions = Versions(platform, ports.clock)
        return Services(
            ports=ports,
            platform=platform,
            versions=versions,
            drafts=Drafts(versions=versions, catalogue=self.catalogue, folder=Path(settings.configs)),
            models=self.router(),
            tools=tool_catalogue(),
            knowledge=self._knowledge,
            graph=self._graph,
            definitions=Definitions(platform, ports.clock),
            run_graph=self._run_graph,
            channel=channel_named,
            livekit=self.livekit,
            http=httpx.AsyncClient(
                timeout=httpx.Timeout(20.0, connect=5.0),
                limits=httpx.Limits(max_connections=100, max_keepalive_connections=20),
                follow_redirects=False,
            ),
            addresses=settings.addresses,
            public_url=settings.address,
            credentials=settings.credentials,
            turn_seconds=settings.turn_limit,
            run_seconds=settings.run_limit,
        )

    def livekit(self) -> "LiveKit":
        """What carries calls. Raises NotConnected naming the setting that is missing."""
        if self._livekit is None:
            from shared.integrations.livekit import LiveKit

            settings = self.settings
            self._livekit = LiveKit(
                url=settings.livekit_url, pairs=settings.livekit_pairs, agent=settings.livekit_agent
            )
        return self._livekit

    def router(self) -> "ModelRouter":
        """The models that are connected."""
        from shared.models.connected import connected

        return connected(self.settings, self.ports.clock)

    def _graph(self, store: "TenantStore") -> Any:
        """The graph of a desk's turn with a tenant's checkpointer, compiled once a tenant."""
        if store.tenant not in self._graphs:
            from shared.agents.desk_turn import build
            from shared.runs.checkpoints import StoreSaver

            self._graphs[store.tenant] = build(StoreSaver(store, self.ports.clock))
        return self._graphs[store.tenant]

    def _run_graph(self, store: "TenantStore", definition: "Definition") -> "Graph":
        """A workflow's graph with a tenant's checkpointer, compiled once a version."""
        key = f"{store.tenant}/{definition.id}/{definition.version}"
        if key not in self._graphs:
            from shared.domain.runs import STATE_KEPT
            from shared.runs.checkpoints import StoreSaver
            from shared.runs.compile import build

            saver = StoreSaver(store, self.ports.clock, kept=STATE_KEPT, blobs=self.ports.blobs)
            self._graphs[key] = build(definition.workflow, saver)
        graph: Graph = self._graphs[key]
        return graph

    @cached_property
    def _shelf(self) -> Any:
        from shared.knowledge.shelf import Shelf

        return Shelf()

    async def _knowledge(self, published: "Published") -> "KnowledgeIndex":
        """What a desk's version knows, read once."""
        versions = (await self.services()).versions

        async def load() -> dict[str, bytes]:
            found = {
                file: await versions.knowledge(published.tenant, sha)
                for file, sha in published.knowledge.items()
            }
            return {file: content for file, content in found.items() if content is not None}

        index: KnowledgeIndex = await self._shelf.index(
            published.tenant, published.desk, published.version, load, files=published.knowledge
        )
        return index

    def catalogue(self) -> "Catalogue":
        """What desks' files may name here."""
        from shared.agents.known import shipped
        from shared.config.catalogue import Catalogue
        from shared.config.speech_vendors import speech_lacks
        from shared.models.catalogue import read_catalogue
        from shared.tools.registry import tool_catalogue

        tools = tool_catalogue().tools
        return Catalogue(
            tools={name: tool.Settings for name, tool in tools.items()},
            arguments={name: tool.Arguments for name, tool in tools.items()},
            agents=frozenset(shipped()),
            models=read_catalogue().told(
                (self._services.models if self._services else self.router()).adapters
            ),
            speech=speech_lacks(self.settings),
            secrets=frozenset(name for name, value in self.environment.items() if value)
            if self.settings.embedded
            else None,
            today=self.ports.clock.now().date(),
        )

    async def board(self) -> "Board":
        """How this installation's desks stand."""
        if self._board is None:
            from shared.api.board import Board

            services = await self.services()
            folder = self.settings.configs
            self._board = Board(self.ports, services.versions, services.models, services.credentials, folder)
        return self._board

    async def site(self, opened: "Opened") -> "ASGIApp":
        """One of `shared.sites`, put together by whoever asks first."""
        name = opened.__name__
        if name not in self._sites:
            self._sites[name] = opened(await self.services(), await self.board(), self.settings)
        return self._sites[name]

    async def close(self) -> None:
        """Close what is open."""
        if self._livekit is not None:
            await self._livekit.close()
        if self._services is not None:
            await self._services.http.aclose()
            for adapter in self._services.models.adapters.values():
                if hasattr(adapter, "close"):
                    await adapter.close()
        if "bus" in self.__dict__ and not self.settings.embedded:
            await self.__dict__["bus"].close()
        if "opened" in self.__dict__:
            await self.opened.close()


def environment() -> dict[str, str]:
    """The machine's environment, over the working folder's `.env`, over what `make voice` opened."""
    from dotenv import dotenv_values

    written = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    found = written | dict(os.environ)
    opened = read_settings(found).data_folder / VOICE_ENV
    return {name: value for name, value in dotenv_values(opened).items() if value is not None} | found


def hand_down(told: dict[str, str]) -> None:
    """Put settings of libraries into this process's environment, for what it imports and starts later."""
    os.environ.update(told)


_process: Process | None = None


def process() -> Process:
    """This process; made from the environment at the first call."""
    global _process  # noqa: PLW0603  one process, one process
    if _process is None:
        from shared.telemetry import logs

        logs.configure(people=False)  # a function's own process; the local server has set its logs already
        found = dict(os.environ)
        _process = Process(read_settings(found), found)
    return _process


def enter(entered: Process | None) -> None:
    """Make `entered` this process, as the local server and tests do before any handler is called."""
    global _process  # noqa: PLW0603
    _process = entered
