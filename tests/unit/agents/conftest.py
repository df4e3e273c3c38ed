"""A desk whose agents think with the real client against a stand-in of an OpenAI-compatible vendor."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from shared.agents.shape import Means
from shared.backends.embedded.database import Database
from shared.backends.embedded.store import EmbeddedStore
from shared.config.schema import DeskConfig
from shared.knowledge.index import KnowledgeIndex
from shared.knowledge.read import read_files
from shared.models.breaker import Breaker
from shared.models.catalogue import read_catalogue
from shared.models.offline.model import OfflineModel
from shared.models.openai_compatible import OpenAICompatible
from shared.models.router import OFFLINE, Router
from shared.security.tenancy import TenantStore
from shared.tools.registry import tool_catalogue
from shared.tools.shape import Catalogue, ToolResult
from tests.standins.openai_api import OpenAIServer

FRIDAY = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
"""10:00 on Friday, 20 November 2026, in Kolkata."""
KNOWN = (
    b"# Prices\n\nA consultation costs 600 rupees.\n\n# Parking\n\nParking is behind the house, two hours.\n"
)


@dataclass
class StillClock:
    """A clock that moves when told to."""

    at: datetime = FRIDAY

    def now(self) -> datetime:
        return self.at


class Refund:
    """A dangerous tool, as an installed package may bring one; it counts how often it acted."""

    NAME = "make_payment"
    DESCRIPTION = "Pays an amount back."
    EXAMPLES = ("Pay me back", "refund please", "I want my money back")
    TIMEOUT = 2.0
    REACH = "dangerous"

    class Settings(BaseModel):
        """Nothing to set."""

    class Arguments(BaseModel):
        """How much."""

        amount: int

    def __init__(self) -> None:
        self.paid: list[int] = []

    async def run(self, arguments: Any, context: Any) -> ToolResult:
        self.paid.append(arguments.amount)
        return ToolResult(data={"paid": arguments.amount, "receipt": context.call_id})


@dataclass
class Bench:
    """What agents of one desk work with, and what a test changes of it."""

    store: TenantStore
    clock: StillClock
    models: Router
    refund: Refund = field(default_factory=Refund)
    agents: dict[str, Any] = field(default_factory=dict)
    crews: dict[str, Any] = field(default_factory=dict)
    tools: dict[str, Any] = field(default_factory=lambda: {"search_knowledge": {}, "check_slots": {}})
    run: str = "run-1"

    @property
    def config(self) -> DeskConfig:
        return DeskConfig.model_validate(
            {
                "tenant": {"id": "acme", "name": "Acme Clinic"},
                "desk": {
                    "id": "front",
                    "name": "Acme Front Desk",
                    "timezone": "Asia/Kolkata",
                    "hours": {"daily": "08:00-20:00"},
                },
                "tools": self.tools,
                "agents": self.agents,
                "crews": self.crews,
            }
        )

    def means(self, **changes: Any) -> Means:
        own = tool_catalogue().tools
        means = Means(
            store=self.store,
            clock=self.clock,
            models=self.models,
            tools=Catalogue(own | {"make_payment": self.refund}),
            config=self.config,
            knowledge=KnowledgeIndex(read_files({"house.md": KNOWN})),
            run=self.run,
            node="think",
            now=self.clock.now().astimezone(ZoneInfo("Asia/Kolkata")),
            expires=self.clock.now() + timedelta(days=90),
            customer="asha",
        )
        return replace(means, **changes)


@pytest.fixture(scope="session")
def served() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def vendor(served: OpenAIServer) -> OpenAIServer:
    served.reset()
    return served


@pytest.fixture
async def store(tmp_path) -> AsyncIterator[TenantStore]:
    database = Database(tmp_path / "frontdesk.db", durable=False)
    yield TenantStore.of(EmbeddedStore(database, StillClock()), "acme")
    await database.close()


@pytest.fixture
async def bench(store, vendor) -> AsyncIterator[Bench]:
    """The stand-in answers."""
    clock = StillClock()
    adapter = OpenAICompatible("openai", base_url=vendor.base_url, key="test-key")
    yield Bench(store, clock, Router({"openai": adapter}, read_catalogue(), Breaker(clock), clock))
    await adapter.close()


@pytest.fixture
def offline(store) -> Bench:
    """The offline model answers."""
    clock = StillClock()
    return Bench(store, clock, Router({OFFLINE: OfflineModel()}, read_catalogue(), Breaker(clock), clock))
