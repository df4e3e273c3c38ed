"""A desk on the embedded store with a clock that stands still, and tools called as a turn calls them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from shared.backends.embedded.database import Database
from shared.backends.embedded.store import EmbeddedStore
from shared.config.schema import DeskConfig
from shared.knowledge.index import KnowledgeIndex
from shared.models.chat_model import ToolCall
from shared.security.tenancy import TenantStore
from shared.tools.call import run_tool
from shared.tools.registry import settings_of, tool_catalogue
from shared.tools.shape import Catalogue, ToolContext

FRIDAY = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
"""10:00 on Friday, 20 November 2026, in Kolkata."""
WEEKDAYS = {"monday-saturday": "09:00-13:00, 14:00-18:00"}


@dataclass
class StillClock:
    """A clock that moves when told to."""

    at: datetime = FRIDAY

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Desk:
    """One desk, its store, and the calls made of its tools."""

    store: TenantStore
    clock: StillClock = field(default_factory=StillClock)
    catalogue: Catalogue = field(default_factory=tool_catalogue)
    knowledge: KnowledgeIndex = field(default_factory=KnowledgeIndex)
    written: dict = field(default_factory=dict)
    calls: int = 0

    @property
    def config(self) -> DeskConfig:
        return DeskConfig.model_validate(
            {
                "tenant": {"id": "acme", "name": "Acme Clinic"},
                "desk": {
                    "id": "front",
                    "name": "Front desk",
                    "timezone": "Asia/Kolkata",
                    "hours": WEEKDAYS,
                    **self.written.get("desk", {}),
                },
                "tools": {name: {"settings": each} for name, each in self.written.get("tools", {}).items()},
                "behavior": self.written.get("behavior", {}),
            }
        )

    async def call(
        self,
        tool: str,
        *,
        by: str = "asha",
        conversation: str | None = None,
        call_id: str | None = None,
        language: str = "en",
        **arguments,
    ):
        self.calls += 1
        name = call_id or f"call-{self.calls}"
        config = self.config

        def context_of(module):
            return ToolContext(
                store=self.store,
                clock=self.clock,
                now=self.clock.now(),
                config=config,
                settings=settings_of(module, config),
                knowledge=self.knowledge,
                conversation=conversation or f"talk-{by}",
                customer=by,
                channel="webchat",
                language=language,
                call_id=name,
            )

        return await run_tool(self.catalogue, ToolCall(id=name, name=tool, arguments=arguments), context_of)


@pytest.fixture
async def desk(tmp_path):
    """A desk with an empty embedded store, open Monday to Saturday, at 10:00 on a Friday."""
    clock = StillClock()
    database = Database(tmp_path / "frontdesk.db", durable=False)
    yield Desk(TenantStore.of(EmbeddedStore(database, clock), "acme"), clock)
    await database.close()
