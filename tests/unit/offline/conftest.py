"""Three desks of different trades with their real tools on the embedded store, to talk to offline."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec
import pytest
import yaml

from shared.agents.desk_facts import facts_of
from shared.backends.embedded.database import Database
from shared.backends.embedded.store import EmbeddedStore
from shared.config.catalogue import Catalogue as Names
from shared.config.publish import validate_file
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
CONFIGS = Path(__file__).parents[3] / "configs"
FRIDAY = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
"""10:00 on Friday, 20 November 2026, in Kolkata."""
MOST_ROUNDS = 8  # of one turn, as a desk would allow


class StillClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return FRIDAY


@dataclass(frozen=True)
class Desk:
    """What a talk needs of a desk."""

    config: DeskConfig
    knowledge: KnowledgeIndex
    briefing: Briefing


@cache
def trade(name: str) -> Desk:
    """One of the desks in `desks/`."""
    written = yaml.safe_load((DESKS / name / "desk.yaml").read_text("utf-8"))
    files = {path.name: path.read_bytes() for path in (DESKS / name).iterdir() if path.suffix != ".yaml"}
    config = DeskConfig.model_validate(
        {
            "tenant": {"id": "acme", "name": "Acme"},
            "desk": {
                "id": name,
                "name": written["briefing"]["desk_name"],
                "timezone": written["timezone"],
                "hours": written["hours"],
            },
            "tools": {tool: {"settings": settings} for tool, settings in written["tools"].items()},
        }
    )
    briefing = msgspec.convert(written["briefing"], Briefing)
    return Desk(config, KnowledgeIndex(read_files(files)), briefing)


@cache
def sample(file: str) -> Desk:
    """One of the desks we ship in `configs/`."""
    _, validated = validate_file(CONFIGS / file, Names(), folder=CONFIGS)
    config = validated.config
    assert config is not None
    briefing = Briefing(
        desk_name=config.desk.name,
        agent_name=config.agent.name,
        languages=config.desk.languages,
        language=config.desk.languages[0],
        facts=facts_of(config, FRIDAY.astimezone(config.desk.opening.zone)),
    )
    return Desk(config, KnowledgeIndex(read_files(validated.knowledge)), briefing)


@dataclass
class Talk:
    """A customer talking to a desk: what is said goes through the model and the desk's real tools.

    With `forgetful`, past tool turns are dropped from the history, as a desk does that keeps only messages.
    """

    desk: Desk
    store: TenantStore
    forgetful: bool = False
    turns: list[Turn] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    model: OfflineModel = field(default_factory=OfflineModel)

    def __post_init__(self) -> None:
        self.config, self.knowledge = self.desk.config, self.desk.knowledge
        self.catalogue = tool_catalogue()
        now = FRIDAY.astimezone(self.config.desk.opening.zone).isoformat()
        self.briefing = msgspec.structs.replace(self.desk.briefing, now=now)
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
        return answer

    async def _run(self, call: ToolCall, number: int) -> None:
        self.calls.append(call)

        def context_of(tool):
            return ToolContext(
                store=self.store,
                clock=StillClock(),
                now=StillClock().now(),
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
    """Begins talks with a desk; all on one empty store."""
    database = Database(tmp_path / "frontdesk.db", durable=False)
    store = TenantStore.of(EmbeddedStore(database, StillClock()), "acme")

    def begin(desk: Desk, **more) -> Talk:
        return Talk(desk, store, **more)

    yield begin
    await database.close()


@pytest.fixture
def desk_of():
    """The desk of a trade, or of a file in `configs/`."""
    return lambda name: sample(name) if name.endswith(".yaml") else trade(name)
