"""Three desks of different trades with their real tools on the embedded store, to talk to offline."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import yaml

from shared.backends.embedded.database import Database
from shared.backends.embedded.store import EmbeddedStore
from shared.config.schema import DeskConfig
from shared.knowledge.index import KnowledgeIndex
from shared.knowledge.read import read_files
from shared.models.chat_model import Answer, Briefing, Request, ToolCall, Turn
from shared.models.offline.model import OfflineModel
from shared.security.tenancy import TenantStore
from shared.tools.call import run_tool, told
from shared.tools.registry import settings_of, specs, tool_catalogue
from shared.tools.shape import ToolContext

DESKS = Path(__file__).parent / "desks"
FRIDAY = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
"""10:00 on Friday, 20 November 2026, in Kolkata."""
MOST_ROUNDS = 8  # of one turn, as a desk would allow


class StillClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return FRIDAY


@dataclass
class Talk:
    """A customer talking to a desk: what is said goes through the model and the desk's real tools.

    With `forgetful`, past tool turns are dropped from the history, as a desk does that keeps only messages.
    """

    trade: str
    store: TenantStore
    forgetful: bool = False
    customer: dict = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    model: OfflineModel = field(default_factory=OfflineModel)

    def __post_init__(self) -> None:
        written = yaml.safe_load((DESKS / self.trade / "desk.yaml").read_text("utf-8"))
        files = {
            path.name: path.read_bytes() for path in (DESKS / self.trade).iterdir() if path.suffix != ".yaml"
        }
        self.knowledge = KnowledgeIndex(read_files(files))
        self.catalogue = tool_catalogue()
        self.config = DeskConfig.model_validate(
            {
                "tenant": {"id": "acme", "name": "Acme"},
                "desk": {
                    "id": self.trade,
                    "name": written["briefing"]["desk_name"],
                    "timezone": written["timezone"],
                    "hours": written["hours"],
                },
                "tools": {name: {"settings": each} for name, each in written["tools"].items()},
            }
        )
        now = FRIDAY.astimezone(self.config.desk.opening.zone).isoformat()
        self.briefing = msgspec.convert(
            {**written["briefing"], "now": now, "customer": self.customer}, Briefing
        )
        self.tools = specs(self.catalogue, self.config)

    def request(self, **more) -> Request:
        return Request(
            model="offline",
            system="",
            turns=tuple(self.turns),
            tools=self.tools,
            briefing=self.briefing,
            **more,
        )

    async def say(self, text: str) -> Answer:
        """The desk's answer to one more message, its tools run."""
        before = len(self.turns)
        self.turns.append(Turn(role="customer", text=text))
        for _ in range(MOST_ROUNDS):
            answer = await self.model.answer(self.request())
            self.turns.append(Turn(role="desk", text=answer.text, calls=answer.calls))
            if not answer.calls:
                break
            for call in answer.calls:
                await self._run(call, len(self.turns))
        if self.forgetful:
            self.turns[before:] = [
                self.turns[before],
                Turn(role="desk", text=answer.text, choices=answer.choices),
            ]
        self.answers.append(answer)
        return answer

    async def _run(self, call: ToolCall, number: int) -> None:
        self.calls.append(call)

        def context_of(tool):
            return ToolContext(
                store=self.store,
                clock=StillClock(),
                config=self.config,
                settings=settings_of(tool, self.config),
                knowledge=self.knowledge,
                conversation="talk",
                customer="asha",
                channel="webchat",
                language=self.briefing.language,
                call_id=f"{call.id}-{number}",
            )

        result = await run_tool(self.catalogue, call, context_of)
        self.turns.append(Turn(role="tool", call=call, result=told(result), choices=result.choices))


@pytest.fixture
async def talks(tmp_path):
    """Begins talks with the desk of a trade; all on one empty store."""
    database = Database(tmp_path / "frontdesk.db", durable=False)
    store = TenantStore.of(EmbeddedStore(database, StillClock()), "acme")

    def begin(trade: str, **more) -> Talk:
        return Talk(trade, store, **more)

    yield begin
    await database.close()
