"""Answers at once: one question, of a form where it has one; tools it may have only look, and once."""

from typing import Any

from shared.agents.rounds import in_rounds
from shared.agents.work import Work


async def think(work: Work) -> Any:
    """The agent's answer. Raises what asking raises."""
    turns = work.turns()
    if work.hands.told:
        text, turns = await in_rounds(work, turns, most=1)
        return await work.in_form(text, turns)
    work.iterations = 1
    if work.agent.spec.output_schema is not None:
        return await work.in_form("", turns)
    return (await work.asking.ask(work.request(turns))).text
