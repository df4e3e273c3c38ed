"""Lets a version of a desk answer a scenario, draft or published, with nothing sent, kept or done."""

import asyncio
import re
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from shared.agents import desk_turn
from shared.agents.desk_turn import Thinking
from shared.agents.team import all_at_once
from shared.config.schema import DeskConfig
from shared.desk import triggers
from shared.desk.question import request_of
from shared.desk.services import Services
from shared.desk.signs import signs_of
from shared.desk.spending import within_budget
from shared.domain.conversation import Head
from shared.domain.effects import HandOver
from shared.domain.errors import FrontdeskError
from shared.domain.proposals import Rehearsal, Scenario
from shared.domain.receipts import Step
from shared.knowledge.index import KnowledgeIndex
from shared.models.chat_model import Request, ToolCall, Turn
from shared.models.router import Route
from shared.models.signals import read_signals
from shared.security.tenancy import TenantStore
from shared.tools.call import run_tool
from shared.tools.reach import looks
from shared.tools.registry import settings_of
from shared.tools.shape import Tool, ToolContext, ToolResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What rehearses: a configuration and what it knows."""

    services: Services
    store: TenantStore
    config: DeskConfig
    knowledge: KnowledgeIndex
    version: int
    account: str  # what the cost is counted under


async def rehearse(stage: Stage, scenario: Scenario) -> Rehearsal:
    """What the desk makes of the customer's words. A model out of reach is a rehearsal with `trouble`."""
    services, config = stage.services, stage.config
    choice, models = config.agent.model, services.models
    called: list[str] = []
    try:
        route = models.route(*choice.wanted)
        fast = models.route("fast")
        request = _request(stage, scenario.ask)
        async with within_budget(
            services,
            stage.store,
            config=config,
            conversation=stage.account,
            request=request,
            routes=(route, fast),
        ) as allowed:
            await allowed
            values, handed_over = await _played(stage, request, route, fast, called)
    except FrontdeskError as error:
        return Rehearsal(passed=False, version=stage.version, trouble=str(error))
    turns = [msgspec.convert(turn, Turn) for turn in values["turns"]]
    said = next((turn.text for turn in reversed(turns) if turn.role == "desk"), "")
    lacking = _lacking(scenario, said, called, handed_over=handed_over)
    return Rehearsal(
        passed=not lacking,
        said=said,
        tools=tuple(called),
        handed_over=handed_over,
        lacking=lacking,
        version=stage.version,
        model=values["model"],
    )


async def _played(
    stage: Stage, request: Request, route: Route, fast: Route, called: list[str]
) -> tuple[dict[str, Any], bool]:
    """The state of a turn, and whether it calls for a person."""
    thinking = Thinking(
        request=request,
        stream=route.stream,
        cost=lambda: route.tried[-1].money,
        act=lambda call, nth: _act(stage, called, call, nth),
        max_rounds=stage.config.behavior.max_rounds,
        cleared=asyncio.Event(),
    )
    thinking.cleared.set()
    graph = desk_turn.build(None)
    state = desk_turn.begin((1, 1), stage.version)
    values, signals = await asyncio.gather(
        graph.ainvoke(state, {"recursion_limit": 100}, context=thinking),
        read_signals(
            fast, request.turns, briefing=request.briefing, sells="sales" in stage.config.desk.use_case
        ),
    )
    head = Head(desk=stage.config.desk.id, channel="webchat", account="", contact="", customer="", wrote=1)
    now, confidence = stage.services.ports.clock.now(), values.get("confidence")
    signals = msgspec.structs.replace(signals, confidence=confidence)
    steps = [msgspec.convert(one, Step) for one in values["steps"]]
    facts = triggers.facts_of(head, None, signals, now, confidence=confidence)
    facts |= signs_of(stage.config, head, (), signals=signals, steps=steps, now=now)
    asked = any(isinstance(effect, HandOver) for effect in desk_turn.effects_of(values["effects"]))
    return values, asked or triggers.first_that_holds(stage.config, facts) is not None


async def _act(stage: Stage, called: list[str], call: ToolCall, nth: int) -> tuple[ToolResult, float]:
    """Look where the tool only looks; note the call of any other."""
    began, services, config = perf_counter(), stage.services, stage.config
    called.append(call.name)
    if call.name == "hand_over":
        return ToolResult(data={}, effects=(HandOver(reason="rehearsed"),)), 0.0
    if not looks(services.tools.tools.get(call.name)):
        return ToolResult(data={"note": "a rehearsal: taken as done, nothing was changed"}), 0.0

    def context_of(tool: Tool) -> ToolContext:
        return ToolContext(
            store=stage.store,
            clock=services.ports.clock,
            now=services.ports.clock.now().astimezone(ZoneInfo(config.desk.timezone)),
            config=config,
            settings=settings_of(tool, config),
            knowledge=stage.knowledge,
            conversation=stage.account,
            customer="",
            channel="webchat",
            language=config.desk.languages[0],
            call_id=f"{stage.account}-{nth}",
        )

    return await run_tool(services.tools, call, context_of), (perf_counter() - began) * 1000


def _request(stage: Stage, words: str) -> Request:
    """The question a first message of these words puts."""
    config = stage.config
    return request_of(
        stage.services.tools,
        all_at_once(config),
        (Turn(role="customer", text=words),),
        now=stage.services.ports.clock.now().astimezone(ZoneInfo(config.desk.timezone)),
        language=config.desk.languages[0],
        channel="webchat",
        customer={},
    )


def _lacking(scenario: Scenario, said: str, called: list[str], *, handed_over: bool) -> tuple[str, ...]:
    """What was expected and did not come; an answer that calls for a person is none, unless that is asked."""
    lacking = [words for words in scenario.expect if not _says(said, words)]
    if scenario.tool and scenario.tool not in called:
        lacking.append(scenario.tool)
    if handed_over and scenario.tool != "hand_over":
        lacking.append("an answer without a person")
    if not said.strip() and not scenario.tool:
        lacking.append("an answer")
    return tuple(lacking)


def _says(said: str, words: str) -> bool:
    """Whether words stand in an answer, whole: 7 is not in 17."""
    return re.search(rf"(?:\b|(?=\W)){re.escape(_plain(words))}(?:\b|(?<=\W))", _plain(said)) is not None


def _plain(text: str) -> str:
    """Words as they are compared: whatever their case, their spacing, and the commas in their figures."""
    return re.sub(r"(?<=\d),(?=\d)", "", " ".join(text.casefold().split()))
