"""A desk whose agents think with a model of known patience, on a durable store of this machine."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared.agents.shape import Means
from shared.backends.embedded.database import Database
from shared.backends.embedded.store import EmbeddedStore
from shared.config.schema import DeskConfig
from shared.domain.errors import Transient
from shared.knowledge.index import KnowledgeIndex
from shared.knowledge.read import read_files
from shared.models.breaker import Breaker
from shared.models.catalogue import read_catalogue
from shared.models.chat_model import Answer, Delta, Request, ToolCall, Usage
from shared.models.router import Router
from shared.security.tenancy import TenantStore
from shared.tools.registry import tool_catalogue

KNOWN = {"house.md": b"# Prices\n\nA consultation costs 600 rupees.\n"}
LOOK = {"query": "what a consultation costs"}
PLAN: dict[str, object] = {
    "steps": [
        {
            "id": number,
            "description": "Look it up.",
            "tool": "search_knowledge",
            "input": f'{{"query": "consultation {number}"}}',
            "critical": True,
        }
        for number in (1, 2, 3)
    ],
    "estimated_duration": 5,
    "required_tools": ["search_knowledge"],
}
FORMS: dict[str, dict[str, object]] = {
    "Intent": {"intent": "price", "confidence": 0.9},
    "Plan": PLAN,
    "Reflection": {"goal_achieved": True, "final_output": "600 rupees.", "failure_reason": "", "learned": ""},
}
AGENTS: dict[str, Any] = {
    "classifier": {
        "description": "Classifies.",
        "output_schema": {
            "title": "Intent",
            "type": "object",
            "properties": {"intent": {"type": "string"}, "confidence": {"type": "number"}},
            "required": ["intent"],
        },
    },
    "thinker": {"type": "reasoning", "description": "Finds out.", "tools": ["search_knowledge"]},
    "planner": {"type": "code", "description": "Plans and acts.", "tools": ["search_knowledge"]},
    **{name: {"description": f"Knows {name}."} for name in ("menus", "prices", "halls")},
}
CREWS = {"party": {"description": "Plans parties.", "members": ["menus", "prices", "halls"]}}


class WallClock:
    """The machine's."""

    def now(self) -> datetime:
        """Now."""
        return datetime.now(UTC)


class PatientModel:
    """Answers after `seconds`: a form where one is asked for, a tool twice, then words.

    A `share` of questions fails, and as many are answered in no form at all.
    """

    provider = "gemini"

    def __init__(self, seconds: float = 0.0, share: float = 0.0) -> None:
        self.seconds = seconds
        self.share = share
        self.asked = 0
        self._chance = random.Random(7)

    async def stream(self, request: Request) -> AsyncIterator[Delta | Answer]:
        """The whole at once."""
        yield await self.answer(request)

    async def answer(self, request: Request) -> Answer:
        """See above."""
        self.asked += 1
        await asyncio.sleep(self.seconds)
        dice = self._chance.random()
        if dice < self.share:
            raise Transient("out of reach, as the benchmark wants it")
        usage = Usage(input=400, output=40)
        if request.schema is not None:
            data = FORMS[str(request.schema["title"])] if dice > 2 * self.share else {"unasked": True}
            return Answer(data=dict(data), usage=usage)
        calls = sum(turn.role == "tool" for turn in request.turns)
        if request.tools and calls < 2:
            arguments: dict[str, object] = {**LOOK, "top": calls + 1}
            call = ToolCall(id=f"call-{calls}", name="search_knowledge", arguments=arguments)
            return Answer(calls=(call,), stop="tools", usage=usage)
        return Answer(text="600 rupees.", usage=usage)

    async def check(self) -> None:
        """It would answer."""


class _Untiring(Breaker):
    """Lets every question through: failures here are the benchmark's own."""

    def admits(self, name: str) -> bool:  # noqa: ARG002  the base's shape
        return True


@asynccontextmanager
async def opened(folder: Path, model: PatientModel) -> AsyncIterator[Means]:
    """The means of one desk's agents."""
    clock = WallClock()
    database = Database(folder / "agents.db")
    config = DeskConfig.model_validate(
        {
            "tenant": {"id": "bench", "name": "Bench"},
            "desk": {"id": "bench", "name": "Bench"},
            "tools": {"search_knowledge": {}},
            "agents": AGENTS,
            "crews": CREWS,
        }
    )
    try:
        yield Means(
            store=TenantStore.of(EmbeddedStore(database, clock), "bench"),
            clock=clock,
            models=Router({"gemini": model}, read_catalogue(), _Untiring(clock), clock),
            tools=tool_catalogue(),
            config=config,
            knowledge=KnowledgeIndex(read_files(KNOWN)),
            run="bench",
            node="bench",
            now=clock.now(),
            expires=clock.now() + timedelta(days=1),
        )
    finally:
        await database.close()
