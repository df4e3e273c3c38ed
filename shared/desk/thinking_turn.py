"""One turn being thought about: the desk's graph runs, and the customer's signals are read beside it.

Nothing is shown and no tool acts before the signals have said that no person must be called in.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from shared.agents import desk_turn
from shared.agents.desk_turn import Thinking
from shared.config.behavior import EscalationTrigger
from shared.desk import triggers
from shared.desk.act import act
from shared.desk.judged import judged
from shared.desk.lease import Lease, holds
from shared.desk.question import Question
from shared.desk.runs.triggers import begun_by_words
from shared.desk.services import Services
from shared.desk.showing import Show, hosts_of, sayer, shower
from shared.desk.signs import briefed, called_in, facts_now
from shared.desk.thought import Thought
from shared.domain.content import Choice
from shared.domain.effects import HandOver
from shared.domain.receipts import Step
from shared.domain.signals import Signals
from shared.models.budget import Reservation
from shared.models.chat_model import Answer, Delta, Request, ToolCall, Turn
from shared.models.guard import check
from shared.models.router import OFFLINE, Route
from shared.runs.checkpoints import NEW_THREAD
from shared.security.tenancy import TenantStore
from shared.tools.shape import ToolResult

NOTHING_TO_SAY = "I am sorry, I cannot help with that. Is there anything else I can do for you?"
"""What is said where nothing came of a model or a workflow, and the desk's file has no words for it."""

OFFLINE_NOTE = "(Test mode: simple rules answer here, not an AI language model.)"
"""Said once a conversation on channels that show no banner."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where thinking happens: the means, the tenant's documents, and the right to answer.

    `after` takes what may wait until the answer is on its way. Where the answer is spoken, `say` takes it
    sentence by sentence, each time from its beginning, and `begun` how the thinking stands.
    """

    services: Services
    store: TenantStore
    lease: Lease
    streams: bool
    after: contextlib.AsyncExitStack
    say: Callable[[str], Awaitable[None]] | None = None
    begun: Callable[[Thinking], None] | None = None


@dataclass(frozen=True, slots=True)
class ThinkingTurn:
    """A turn that is being thought about."""

    desk: Desk
    question: Question
    routes: list[Route]  # of the answer and of the signals first; all are paid for
    allowed: asyncio.Future[Reservation]
    began: datetime

    def called_for(self, signals: Signals) -> EscalationTrigger | None:
        """The trigger by which the customer's words call for a person."""
        now = self.desk.services.ports.clock.now()
        return triggers.first_that_holds(self.question.config, facts_now(self.question, signals, (), now))


@dataclass(frozen=True, slots=True)
class Talk:
    """Where the graph of a turn runs, and who answers there."""

    thread: str
    begun: dict[str, Any] | None  # what a turn that died on the way came to
    by: str = ""
    told: Callable[[Thinking], None] | None = None  # hears how the thinking stands
    theirs: Callable[[Signals], bool] | None = None  # whether the signals leave it with who answers


class NotTheirs(Exception):
    """The signals say that another member of the team is to answer; nothing was done or shown."""

    def __init__(self, signals: Signals, step: Step) -> None:
        super().__init__()
        self.read = signals, step


async def read_signs(turn: ThinkingTurn) -> tuple[Signals, Step]:
    """The signals of the customer's words, as soon as money is set aside for reading them."""
    await asyncio.shield(turn.allowed)
    return await judged(turn.question, turn.routes[1])


async def mind(
    turn: ThinkingTurn, put: Question, route: Route, talk: Talk, *, read: Awaitable[tuple[Signals, Step]]
) -> Thought:
    """Read the signals while the graph runs; a trigger that holds ends it, else it may act and show.

    `put` is the question as it is put to who answers. Raises NotTheirs where the signals name another.
    """
    desk = turn.desk
    thinking = _thinking(desk, put, route, turn.allowed)
    thinking.acted = talk.begun is not None and any(one.get("calls") for one in talk.begun["turns"])
    for tell in (desk.begun, talk.told):
        if tell is not None:
            tell(thinking)
    running = asyncio.create_task(_graph(turn, talk, thinking))
    try:
        signals, step = await read
        trigger = turn.called_for(signals)
        if trigger is not None and not thinking.acted:
            return as_called_in(turn, trigger, signals, step)
        if talk.theirs is not None and not talk.theirs(signals):
            raise NotTheirs(signals, step)
        thinking.cleared.set()
        values = await running
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await running
    thought = _thought(turn, values, thinking=thinking, signals=signals, step=step)
    return replace(thought, answered_by=talk.by)


async def _graph(turn: ThinkingTurn, talk: Talk, thinking: Thinking) -> dict[str, Any]:
    """The state the desk's graph ends in; one that died on the way goes on where it was."""
    begun, question = talk.begun, turn.question
    state = None if begun else desk_turn.begin(question.covers, question.published.version, talk.by)
    where: dict[str, Any] = {"thread_id": talk.thread} | ({} if begun else {NEW_THREAD: True})
    values: dict[str, Any] = await turn.desk.services.graph(turn.desk.store).ainvoke(
        state,
        {"configurable": where, "recursion_limit": 100},
        context=thinking,
        durability="sync",
    )
    return values


async def begun_in(desk: Desk, thread: str) -> dict[str, Any] | None:
    """The state of a turn that died on the way, or None where none had begun."""
    if not desk.lease.resumes:
        return None
    snapshot = await desk.services.graph(desk.store).aget_state({"configurable": {"thread_id": thread}})
    values: dict[str, Any] = snapshot.values
    return values if values.get("covers") else None


def _thinking(desk: Desk, question: Question, route: Route, allowed: asyncio.Future[Reservation]) -> Thinking:
    async def stream(request: Request) -> AsyncIterator[Delta | Answer]:
        await asyncio.shield(allowed)
        async for piece in route.stream(request):
            yield piece

    async def carry_out(call: ToolCall, nth: int) -> tuple[ToolResult, float]:
        if own := question.beside.tools.get(call.name):
            return await own.act(call.arguments)
        return await act(
            desk.services, desk.store, question, call, nth, may=lambda head: holds(head, desk.lease)
        )

    return Thinking(
        request=question.request,
        stream=stream,
        cost=lambda: route.tried[-1].money,
        act=carry_out,
        max_rounds=question.config.behavior.max_rounds,
        cleared=asyncio.Event(),
        show=_show(desk, question),
    )


def _show(desk: Desk, question: Question) -> Show | None:
    """How the answer is shown while it is made; None where it is not."""
    if desk.say is not None:
        return sayer(desk.services, question.config, desk.say)
    return shower(desk.services, desk.store, desk.lease, question) if desk.streams else None


def _followed(question: Question, signals: Signals) -> str:
    """The language to answer in from now on: the customer's, where the desk speaks it."""
    spoken = signals.language
    following = question.config.behavior.language_following.enabled
    return spoken if spoken and following and spoken in question.config.desk.languages else question.language


def as_called_in(turn: ThinkingTurn, trigger: EscalationTrigger, signals: Signals, step: Step) -> Thought:
    """The thought of a turn whose words call for a person before anything is answered."""
    question = turn.question
    return Thought(
        turn=question.turn,
        covers=question.covers,
        version=question.published.version,
        began=turn.began,
        customer=question.request.briefing.customer,
        language=_followed(question, signals),
        steps=(step,),
        signals=signals,
        handover=called_in(trigger, question),
    )


def _thought(
    turn: ThinkingTurn, values: dict[str, Any], *, thinking: Thinking, signals: Signals, step: Step
) -> Thought:
    """The thought a finished graph came to."""
    desk, question = turn.desk, turn.question
    turns = tuple(msgspec.convert(one, Turn) for one in values["turns"])
    steps = tuple(msgspec.convert(one, Step) for one in values["steps"])
    effects = tuple(desk_turn.effects_of(values["effects"]))
    said = next((one.text for one in reversed(turns) if one.role == "desk"), "")
    text = check(said, direction="out", hosts=hosts_of(desk.services, question.config)).text
    signals = msgspec.structs.replace(signals, confidence=values.get("confidence"))
    handover = next((effect for effect in effects if isinstance(effect, HandOver)), None)
    facts = facts_now(question, signals, steps, desk.services.ports.clock.now())
    if handover is None:
        trigger = triggers.first_that_holds(question.config, facts)
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
        began=turn.began,
        customer=question.request.briefing.customer,
        text=text,
        language=_followed(question, signals),
        choices=tuple(Choice(id=id_, title=title) for id_, title in values["choices"]),
        effects=(*effects, *begun_by_words(desk.store.tenant, question, facts)),
        turns=turns,
        steps=(step, *steps),
        signals=signals,
        model=values["model"],
        handover=briefed(handover, question) if handover else None,
        acted=thinking.acted,
        shown=thinking.shown,
    )
