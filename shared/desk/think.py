"""Thinks about a question: model and tools by the desk's graph, the customer's signals beside them.

Nothing is shown and no tool acts before the signals have said that no person must be called in.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import msgspec

from shared.agents import desk_turn
from shared.agents.desk_turn import Thinking
from shared.agents.effects_ledger import effect_id, once
from shared.config.behavior import EscalationTrigger
from shared.desk import triggers
from shared.desk.answer import public_id
from shared.desk.commit import head_path, hint, read_head
from shared.desk.lease import Lease, holds
from shared.desk.question import Question, ask
from shared.desk.retention import messages_until
from shared.desk.services import Services
from shared.desk.signs import briefed, called_in, signs_of
from shared.desk.spending import within_budget
from shared.desk.thought import Thought
from shared.domain.content import Choice
from shared.domain.effects import HandOver
from shared.domain.errors import Transient
from shared.domain.receipts import Step
from shared.domain.signals import Signals
from shared.models.budget import Reservation
from shared.models.chat_model import Answer, Delta, Request, ToolCall, Turn
from shared.models.guard import check
from shared.models.router import OFFLINE, Route
from shared.models.signals import read_signals
from shared.ports import Data
from shared.runs.checkpoints import NEW_THREAD
from shared.security.tenancy import TenantStore
from shared.tools.call import canonical, pack, run_tool, unpack
from shared.tools.registry import settings_of
from shared.tools.shape import Tool, ToolContext, ToolResult

NOTHING_TO_SAY = "I am sorry, I cannot help with that. Is there anything else I can do for you?"
"""What is said where a model was stopped and the desk's file has no words for it."""

OFFLINE_NOTE = "(Test mode: simple rules answer here, not an AI language model.)"
"""Said once a conversation on channels that show no banner."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where thinking happens: the means, the tenant's documents, and the right to answer.

    `after` takes what may wait until the answer is on its way.
    """

    services: Services
    store: TenantStore
    lease: Lease
    streams: bool
    after: contextlib.AsyncExitStack


async def think(desk: Desk, question: Question) -> Thought:
    """The thought that answers the question. Raises Transient or Permanent where there can be none."""
    graph = desk.services.graph(desk.store)
    thread: dict[str, Any] = {"thread_id": f"{question.turn}#{question.head.restarts}"}
    begun = await _begun(graph, thread) if desk.lease.resumes else None
    if begun is not None and (begun["covers"][1], begun["version"]) != (
        question.covers[1],
        question.published.version,
    ):
        # The turn that died covered less, or ran on an older version: finish that one as it was begun.
        versions, desk_id = desk.services.versions, question.published.desk
        published = await versions.version(desk_id, begun["version"]) or question.published
        question = await ask(
            desk.services,
            desk.store,
            question.conversation,
            head=question.head,
            published=published,
            upto=begun["covers"][1],
        )
    choice, models = question.config.agent.model, desk.services.models
    route = models.route(*((choice.model, *choice.fallbacks) if choice.model else (choice.profile,)))
    fast = models.route("fast")
    allowed = await desk.after.enter_async_context(
        within_budget(
            desk.services,
            desk.store,
            config=question.config,
            conversation=question.conversation,
            request=question.request,
            routes=(route, fast),
        )
    )
    thinking = _thinking(desk, question, route, allowed)
    thinking.acted = begun is not None and any(turn.get("calls") for turn in begun["turns"])
    state = None if begun else desk_turn.begin(question.covers, question.published.version)
    where = thread if begun else {**thread, NEW_THREAD: True}
    running = asyncio.create_task(
        graph.ainvoke(
            state,
            {"configurable": where, "recursion_limit": 100},
            context=thinking,
            durability="sync",
        )
    )
    return await _minding_signals(desk, question, running, thinking=thinking, allowed=allowed, fast=fast)


async def _minding_signals(
    desk: Desk,
    question: Question,
    running: "asyncio.Task[dict[str, Any]]",
    *,
    thinking: Thinking,
    allowed: asyncio.Future[Reservation],
    fast: Route,
) -> Thought:
    """Read the signals while the graph runs; a trigger that holds ends it, else it may act and show."""
    began = desk.services.ports.clock.now()
    try:
        await asyncio.shield(allowed)
        signals, step = await _signals(question, fast)
        trigger = triggers.first_that_holds(question.config, _facts(desk, question, signals))
        if trigger is not None and not thinking.acted:
            return _called_in(question, trigger, signals, step, began)
        thinking.cleared.set()
        values = await running
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await running
    return _thought(desk, question, values, thinking=thinking, signals=signals, step=step, began=began)


async def _begun(graph: Any, thread: dict[str, Any]) -> dict[str, Any] | None:
    """The state of a turn that died on the way, or None where none had begun."""
    snapshot = await graph.aget_state({"configurable": thread})
    values: dict[str, Any] = snapshot.values
    return values if values.get("covers") else None


def _thinking(desk: Desk, question: Question, route: Route, allowed: asyncio.Future[Reservation]) -> Thinking:
    async def stream(request: Request) -> AsyncIterator[Delta | Answer]:
        await asyncio.shield(allowed)
        async for piece in route.stream(request):
            yield piece

    return Thinking(
        request=question.request,
        stream=stream,
        cost=lambda: route.tried[-1].money,
        act=lambda call, nth: _act(desk, question, call, nth),
        max_rounds=question.config.behavior.max_rounds,
        cleared=asyncio.Event(),
        show=_shower(desk, question) if desk.streams else None,
    )


def _hosts(desk: Desk, question: Question) -> set[str]:
    """Whose links the desk may give: the business's own and ours."""
    addresses = (question.config.desk.website, desk.services.public_url)
    return {host for address in addresses if address and (host := urlsplit(str(address)).hostname)}


def _shower(desk: Desk, question: Question) -> Callable[[str], Awaitable[None]]:
    """Shows an answer in the making, while the right to answer holds."""
    hosts = _hosts(desk, question)

    async def show(text: str) -> None:
        head = read_head(await desk.store.get(head_path(question.conversation)))
        if head is None or not holds(head, desk.lease):
            return
        note: Data = {
            "event": "partial",
            "message_id": public_id(question.turn, 0),
            "text": check(text, direction="out", hosts=hosts).text,
        }
        await hint(desk.services.ports, question.conversation, note)

    return show


async def _act(desk: Desk, question: Question, call: ToolCall, nth: int) -> tuple[ToolResult, float]:
    """Run a tool once, by the ledger; its result and milliseconds. Raises Transient once a person spoke."""
    services, began = desk.services, perf_counter()
    head = read_head(await desk.store.get(head_path(question.conversation)))
    if head is None or not holds(head, desk.lease):
        raise Transient("a person or another turn has the conversation now; this turn acts no more")
    entry = question.config.tools.get(call.name)
    if entry is None or not entry.enabled:
        return ToolResult(data={}, error=f"this desk has no tool {call.name!r}; use those it has"), 0.0
    knowledge = await services.knowledge(question.published)
    effect = effect_id(question.turn, call.name, canonical(services.tools, call), nth)

    def context_of(tool: Tool) -> ToolContext:
        return ToolContext(
            store=desk.store,
            clock=services.ports.clock,
            now=question.now,
            config=question.config,
            settings=settings_of(tool, question.config),
            knowledge=knowledge,
            conversation=question.conversation,
            customer=question.head.customer,
            channel=question.head.channel,
            language=question.language,
            call_id=effect,
        )

    async def act() -> Data:
        return pack(await run_tool(services.tools, call, context_of))

    until = messages_until(question.config, services.ports.clock.now())
    about: Data = {"conversation": question.conversation, "turn": question.turn, "tool": call.name}
    kept = await once(desk.store, until, effect, about, act)
    return unpack(kept), (perf_counter() - began) * 1000


async def _signals(question: Question, route: Route) -> tuple[Signals, Step]:
    """What the customer's words show, and the step that read it."""
    began = perf_counter()
    request, sells = question.request, "sales" in question.config.desk.use_case
    signals = await read_signals(route, request.turns, briefing=request.briefing, sells=sells)
    asked = [tried for tried in route.tried if tried.error is None]
    step = Step(
        kind="signals",
        name=asked[-1].served or asked[-1].model if asked else "none",
        ms=(perf_counter() - began) * 1000,
        input=sum(tried.usage.input for tried in asked),
        output=sum(tried.usage.output for tried in asked),
        money=route.money,
        detail=msgspec.to_builtins(signals),
        error=None if asked else "; ".join(tried.error or "" for tried in route.tried),
    )
    return signals, step


def _facts(desk: Desk, question: Question, signals: Signals, steps: tuple[Step, ...] = ()) -> dict[str, Any]:
    return triggers.facts_of(
        question.head,
        question.customer,
        signals,
        desk.services.ports.clock.now(),
        confidence=signals.confidence,
    ) | signs_of(question, signals, steps, desk.services.ports.clock.now())


def _followed(question: Question, signals: Signals) -> str:
    """The language to answer in from now on: the customer's, where the desk speaks it."""
    spoken = signals.language
    following = question.config.behavior.language_following.enabled
    return spoken if spoken and following and spoken in question.config.desk.languages else question.language


def _called_in(
    question: Question, trigger: EscalationTrigger, signals: Signals, step: Step, began: datetime
) -> Thought:
    """The thought of a turn whose words call for a person before anything is answered."""
    return Thought(
        turn=question.turn,
        covers=question.covers,
        version=question.published.version,
        began=began,
        customer=question.request.briefing.customer,
        language=_followed(question, signals),
        steps=(step,),
        signals=signals,
        handover=called_in(trigger, question),
    )


def _thought(
    desk: Desk,
    question: Question,
    values: dict[str, Any],
    *,
    thinking: Thinking,
    signals: Signals,
    step: Step,
    began: datetime,
) -> Thought:
    """The thought a finished graph came to."""
    turns = tuple(msgspec.convert(turn, Turn) for turn in values["turns"])
    steps = tuple(msgspec.convert(one, Step) for one in values["steps"])
    effects = tuple(desk_turn.effects_of(values["effects"]))
    said = next((turn.text for turn in reversed(turns) if turn.role == "desk"), "")
    text = check(said, direction="out", hosts=_hosts(desk, question)).text
    signals = msgspec.structs.replace(signals, confidence=values.get("confidence"))
    handover = next((effect for effect in effects if isinstance(effect, HandOver)), None)
    if handover is None:
        trigger = triggers.first_that_holds(question.config, _facts(desk, question, signals, steps))
        handover = called_in(trigger, question) if trigger else None
    elif _followed(question, signals) != question.language:
        handover = msgspec.structs.replace(handover, reply="")  # it was worded before the signals were read
    if values["model"] == OFFLINE and not desk.streams and not question.head.answered:
        text = f"{OFFLINE_NOTE}\n\n{text}".strip()
    if not text and handover is None:
        text = question.config.agent.off_topic or NOTHING_TO_SAY
    return Thought(
        turn=question.turn,
        covers=(values["covers"][0], values["covers"][1]),
        version=values["version"],
        began=began,
        customer=question.request.briefing.customer,
        text=text,
        language=_followed(question, signals),
        choices=tuple(Choice(id=id_, title=title) for id_, title in values["choices"]),
        effects=effects,
        turns=turns,
        steps=(step, *steps),
        signals=signals,
        model=values["model"],
        handover=briefed(handover, question) if handover else None,
        acted=thinking.acted,
        shown=thinking.shown,
    )
