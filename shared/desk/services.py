"""What the desk works with, opened once a process by bootstrap and handed to every verb."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from shared.channels.shape import Channel
from shared.config.drafts import Drafts
from shared.config.versions import Published, Versions
from shared.domain.content import ChannelName
from shared.knowledge.index import KnowledgeIndex
from shared.models.router import Router
from shared.ports import Ports
from shared.security.tenancy import PlatformStore, TenantStore
from shared.tools.shape import Catalogue

if TYPE_CHECKING:
    from shared.integrations.livekit import LiveKit
    from shared.runs.compile import Graph
    from shared.runs.definitions import Definition, Definitions


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The means of a desk: doors, configurations, models, tools, channels."""

    ports: Ports
    platform: PlatformStore
    versions: Versions
    drafts: Drafts
    models: Router
    tools: Catalogue
    knowledge: Callable[[Published], Awaitable[KnowledgeIndex]]
    graph: Callable[[TenantStore], Any]  # the compiled graph of a desk's turn, with the tenant's checkpointer
    definitions: "Definitions"
    run_graph: "Callable[[TenantStore, Definition], Graph]"  # a workflow's, with the tenant's checkpointer
    channel: Callable[[ChannelName, str | None], Channel]
    livekit: "Callable[[], LiveKit]"  # loaded when first asked for; raises NotConnected naming the setting
    http: httpx.AsyncClient
    addresses: dict[str, str]  # vendor -> its API's address, an operator's setting
    public_url: str  # where vendors reach us, without a slash at its end
    credentials: dict[str, str]  # the platform's own, by name, where a tenant has none
    turn_seconds: float  # a turn's lease, and the most it may take
    run_seconds: float  # the most a run is advanced at a stretch

    def tenant(self, tenant: str) -> TenantStore:
        """A tenant's documents."""
        return self.platform.tenant(tenant)
