"""When a person must be called in: the desk's own conditions over what this turn shows."""

from datetime import datetime
from typing import Any

import msgspec

from shared.config.behavior import EscalationTrigger
from shared.config.conditions import holds
from shared.config.schema import DeskConfig
from shared.domain.conversation import Head
from shared.domain.customers import Customer, known
from shared.domain.instants import instant
from shared.domain.signals import Signals

NEGATIVE = 0.3


def facts_of(
    head: Head,
    customer: Customer | None,
    signals: Signals,
    now: datetime,
    *,
    confidence: float | None = None,
) -> dict[str, Any]:
    """The named facts conditions are written over; what is not known is absent."""
    facts: dict[str, Any] = dict(msgspec.to_builtins(signals))
    facts |= {
        "channel": head.channel,
        "state": head.state,
        "wants_human": bool(signals.wants_human),
        "messages": head.wrote,
        "negative_in_a_row": negative_in_a_row(head, signals),
    }
    if confidence is not None:
        facts["confidence"] = confidence
    if head.first_waiting:
        facts["waiting_minutes"] = (now - instant(head.first_waiting)).total_seconds() / 60
    if customer is not None:
        facts["customer"] = {"source": customer.source, "messages": customer.messages} | known(customer)
    return facts


def negative_in_a_row(head: Head, signals: Signals) -> int:
    """How many customer turns running sounded negative, this one included."""
    if signals.sentiment is None:
        return head.negative_in_a_row
    return head.negative_in_a_row + 1 if signals.sentiment < NEGATIVE else 0


def first_that_holds(config: DeskConfig, facts: dict[str, Any]) -> EscalationTrigger | None:
    """The first escalation trigger that holds, in the order of the desk's file."""
    escalation = config.behavior.escalation
    if not escalation.enabled:
        return None
    return next((trigger for trigger in escalation.triggers if holds(trigger.condition, facts)), None)
