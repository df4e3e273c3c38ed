"""Thinks as a desk's team: the member whose matter it is answers, or who stands in where that one fails.

Who it is the signals tell, so the answer begins when they are read. Where it is spoken there is no time for
that: whoever the words alone point to begins at once, and another takes over where the signals say so,
before anything is said or done.
"""

from collections.abc import Awaitable
from functools import partial
from time import perf_counter
from typing import Any

from shared.agents.desk_turn import Thinking
from shared.agents.team import stand_in
from shared.config.agent import Specialist
from shared.desk.team import keep_turn, meant, member_named, put_to, takes
from shared.desk.thinking_turn import (
    NotTheirs,
    Talk,
    ThinkingTurn,
    as_called_in,
    begun_in,
    mind,
    read_signs,
)
from shared.desk.thought import Thought
from shared.domain.errors import FrontdeskError
from shared.domain.receipts import Step
from shared.domain.signals import Signals
from shared.models.budget import BudgetEnded
from shared.models.router import Route

Read = tuple[Signals, Step]


async def by_team(turn: ThinkingTurn, thread: str, begun: dict[str, Any] | None) -> Thought:
    """The team's thought. Raises Transient or Permanent where nobody of it has one."""
    member = member_named(turn.question, begun.get("by", "")) if begun else None
    if member is None and turn.desk.say is not None:
        try:
            return await _at_once(turn, thread)
        except NotTheirs as other:
            read, thread = other.read, f"{thread}~again"
    else:
        read = await read_signs(turn)
    if member is None:
        if trigger := turn.called_for(read[0]):
            return as_called_in(turn, trigger, *read)
        member = await _takes(turn, read[0])
    return await _with_stand_in(turn, Talk(thread, begun, member.name), member, read)


async def _at_once(turn: ThinkingTurn, thread: str) -> Thought:
    """The thought of whom the words alone point to, begun beside the signals. Raises NotTheirs."""
    guess = meant(turn.question, Signals())

    def theirs(signals: Signals) -> bool:
        return meant(turn.question, signals).name == guess.name

    member = await _takes(turn, Signals())
    return await _with_stand_in(turn, Talk(thread, None, member.name, theirs=theirs), member, None)


async def _with_stand_in(turn: ThinkingTurn, talk: Talk, member: Specialist, read: Read | None) -> Thought:
    """The member's thought, or its stand-in's where it fails before anything was said or done."""
    desk, question, began = turn.desk, turn.question, perf_counter()
    other = stand_in(question.config.agent.team, member)
    while True:
        heard: list[Thinking] = []
        talk = Talk(talk.thread, talk.begun, member.name, heard.append, talk.theirs)
        keeping = partial(keep_turn, desk.services, desk.store, question, member)
        try:
            put = put_to(desk.services, question, member)
            thought = await mind(turn, put, _route(turn, member), talk, read=_signs(turn, read))
        except FrontdeskError as error:
            if isinstance(error, BudgetEnded) or any(one.acted or one.shown for one in heard):
                raise  # no fault of the member's, or too late for another
            await keeping(ms=(perf_counter() - began) * 1000, error=str(error))
            if other is None:
                raise
            thread = f"{talk.thread}~{other.name}"
            talk = Talk(thread, await begun_in(desk, thread), theirs=talk.theirs)
            member, other = other, None
        else:
            ms, money = (perf_counter() - began) * 1000, sum(step.money for step in thought.steps)
            desk.after.push_async_callback(keeping, ms=ms, money=money, said=thought.text)
            return thought


async def _takes(turn: ThinkingTurn, signals: Signals) -> Specialist:
    return await takes(turn.desk.services, turn.question, signals)


def _route(turn: ThinkingTurn, member: Specialist) -> Route:
    """The route of a member's answers, which the turn pays for."""
    if member.model is None:
        return turn.routes[0]
    turn.routes.append(turn.desk.services.models.route(*member.model.wanted))
    return turn.routes[-1]


def _signs(turn: ThinkingTurn, read: Read | None) -> Awaitable[Read]:
    """What the signals are, or will be."""
    return read_signs(turn) if read is None else _known(read)


async def _known(read: Read) -> Read:
    return read
