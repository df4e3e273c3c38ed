"""What conditions may ask beside the signals of one turn: how the episode went, and what the desk may do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from shared.config.behavior import EscalationTrigger
from shared.config.facts import FACTS
from shared.config.schema import DeskConfig
from shared.desk import triggers
from shared.desk.question import Question
from shared.desk.transcript import readable
from shared.domain.conversation import Head, Message
from shared.domain.effects import HandOver
from shared.domain.receipts import Step
from shared.domain.signals import Signals
from shared.tools.call import OUT_OF_REACH

UNSURE = 0.5
"""An answer of a lower confidence counts as unsure."""

_LATEST = 3  # messages of the customer that a colleague is told of
_LONGEST = 300  # characters of each


def facts_now(question: Question, signals: Signals, steps: Sequence[Step], now: datetime) -> dict[str, Any]:
    """All that conditions may ask of this turn."""
    told = triggers.facts_of(question.head, question.customer, signals, now, confidence=signals.confidence)
    before = question.transcript.messages
    return told | signs_of(
        question.config, question.head, before, signals=signals, steps=steps, now=now, spent=question.spent
    )


def signs_of(
    config: DeskConfig,
    head: Head,
    messages: Sequence[Message],
    *,
    signals: Signals,
    steps: Sequence[Step],
    now: datetime,
    spent: float = 0.0,
) -> dict[str, Any]:
    """The named facts of `shared.config.facts` that this turn shows, and the `messages` before it."""
    facts: dict[str, Any] = {
        "is_open": config.desk.opening.is_open(now),
        "booked": any(_did(one, "book_slot") for one in messages),
        "tool_errors_in_a_row": _errors_in_a_row(head, messages, steps),
        "model_errors_in_a_row": head.failures,
        "low_confidence_in_a_row": unsure_in_a_row(head, signals),
        "money": spent,
    }
    if signals.discount is not None:
        allowed = discount_authority(config)
        facts["over_authority"] = signals.discount > allowed or not allowed
    return facts


def unsure_in_a_row(head: Head, signals: Signals) -> int:
    """How many answers running were unsure, this one included."""
    if signals.confidence is None:
        return head.unsure_in_a_row
    return head.unsure_in_a_row + 1 if signals.confidence < UNSURE else 0


def discount_authority(config: DeskConfig) -> float:
    """The share of a price that the desk may let off by itself, 0..1: the most a tool of it may."""
    written = [dict(entry.settings or {}).get("discount_authority") for entry in config.tools.values()]
    return max((float(one) for one in written if isinstance(one, int | float)), default=0.0)


def called_in(trigger: EscalationTrigger, question: Question) -> HandOver:
    """The handover that a trigger asks for, with its reason in words where it is a single fact."""
    fact = FACTS.get(trigger.condition)
    reason = fact.meaning if fact else trigger.condition
    wanted = HandOver(reason=reason, type=trigger.type, priority=trigger.priority, instead=trigger.action)
    return briefed(wanted, question)


def briefed(handover: HandOver, question: Question) -> HandOver:
    """The handover with what the customer wrote last, where nobody has summed it up."""
    if handover.summary:
        return handover
    wrote = [one for one in question.transcript.messages if one.author == "customer" and not one.withdrawn]
    said = " | ".join(" ".join(readable(one.content).split())[:_LONGEST] for one in wrote[-_LATEST:])
    earlier = f"{question.transcript.summary}\n" if question.transcript.summary else ""
    return msgspec.structs.replace(handover, summary=f"{earlier}{said}".strip())


def _results(message: Message) -> list[dict[str, Any]]:
    return [dict(turn) for turn in message.trace if turn.get("role") == "tool"]


def _did(message: Message, tool: str) -> bool:
    """Whether an answer came of a tool that succeeded."""
    return any(
        (turn.get("call") or {}).get("name") == tool and not (turn.get("result") or {}).get("error")
        for turn in _results(message)
    )


def _errors_in_a_row(head: Head, messages: Sequence[Message], steps: Sequence[Step]) -> int:
    """Tools out of reach since the last success, in this turn and those since people had the word.

    What a tool refuses is the model's mistake to mend, and counts neither way.
    """
    since = [turn.get("result") for one in messages if one.at > head.back_at for turn in _results(one)]
    since += [_result_of(step) for step in steps if step.kind == "tool"]
    told = [dict(result or {}) for result in since]
    failed = [bool(one.get(OUT_OF_REACH)) for one in told if one.get(OUT_OF_REACH) or not one.get("error")]
    return next((n for n, one in enumerate(reversed(failed)) if not one), len(failed))


def _result_of(step: Step) -> dict[str, Any]:
    """What a tool's step came to."""
    result = step.detail.get("result")
    return {**(result if isinstance(result, dict) else {}), **({"error": step.error} if step.error else {})}
