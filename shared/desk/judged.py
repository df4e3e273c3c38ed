"""Reads what the customer's words show, beside the answer, and keeps what it cost."""

from time import perf_counter

import msgspec

from shared.desk.question import Question
from shared.domain.receipts import Step
from shared.domain.signals import Signals
from shared.models.router import Route
from shared.models.signals import read_signals


async def judged(question: Question, route: Route) -> tuple[Signals, Step]:
    """What the customer's words show, and the step that read it."""
    began = perf_counter()
    request, sells = question.request, "sales" in question.config.desk.use_case
    team = {member.name: member.handles for member in question.config.agent.team}
    signals = await read_signals(
        route, request.turns, briefing=request.briefing, sells=sells, categories=team
    )
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
