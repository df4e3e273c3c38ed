"""Thinking in rounds: the model calls tools and sees what came of it, until it answers or goes in circles."""

from collections import Counter

from shared.agents.desk_turn import MOST_ALIKE
from shared.agents.hands import observed
from shared.agents.shape import Thought
from shared.agents.work import Work
from shared.domain.effects import HandOver
from shared.models.chat_model import Turn
from shared.tools.call import told

_NO_MORE = "Call no more tools. Answer now with what you know, and say what you could not find out."


async def in_rounds(work: Work, turns: tuple[Turn, ...], most: int) -> tuple[str, tuple[Turn, ...]]:
    """The agent's last words, and the talk that led to them; after `most` rounds it answers as it can."""
    alike: Counter[tuple[str, str]] = Counter()
    name = work.agent.name
    while True:
        work.iterations += 1
        ends = work.iterations > most or bool(work.stopped)
        if ends and not work.stopped:
            work.stopped = "rounds"
        request = work.request(turns, () if ends else work.hands.told, _NO_MORE if ends else "")
        answer = await work.asking.ask(request, kept=work.acts)
        if ends or not answer.calls:
            if answer.text:
                work.trace.append(Thought(who=name, thought=answer.text))
            if answer.confidence is not None:
                work.hands.confidence = answer.confidence
            return answer.text, turns
        turns = (*turns, Turn(role="desk", text=answer.text, calls=answer.calls))
        for call in answer.calls:
            result = await work.hands.act(call)
            turns = (*turns, Turn(role="tool", call=call, result=dict(told(result)), choices=result.choices))
            work.trace.append(
                Thought(
                    who=name,
                    thought=answer.text if call is answer.calls[0] else "",
                    action=call.name,
                    arguments=call.arguments,
                    observation=observed(result),
                )
            )
            alike[work.hands.spelt(call)] += 1
        if work.hands.asked:
            return "", turns  # a person has to allow a call first
        if any(isinstance(effect, HandOver) for effect in work.hands.effects):
            work.stopped = "handover"
        elif max(alike.values()) >= MOST_ALIKE:
            work.stopped = "loop"
