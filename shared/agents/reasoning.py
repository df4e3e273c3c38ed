"""Thinks and acts in turns: a thought, what a tool shows, the next thought, until it can answer (ReAct)."""

from typing import Any

from shared.agents.rounds import in_rounds
from shared.agents.work import Work


async def think(work: Work) -> Any:
    """The agent's answer. Raises what asking raises."""
    text, turns = await in_rounds(work, work.turns(), work.agent.spec.max_iterations)
    return None if work.hands.asked else await work.in_form(text, turns)
