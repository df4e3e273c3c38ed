"""Knows when a person has been silent for too long: whether a customer waits, and the alarm for it."""

from datetime import datetime, timedelta

from shared.config.behavior import Escalation
from shared.domain.callbacks import CALLBACK
from shared.domain.conversation import Head
from shared.domain.handovers import Handover
from shared.domain.identity import digest
from shared.outbox import Alarm, Intent


def customer_waits(head: Head, handover: Handover | None) -> bool:
    """Whether the customer waits for a person: their last message, or their asking for one, has no answer.

    A promised call is answered by voice, which no document shows.
    """
    asked = handover is not None and handover.type != CALLBACK and not handover.first_answer_at
    return bool(head.first_waiting) or asked


def silence_alarms(
    tenant: str, conversation: str, head: Head, escalation: Escalation, now: datetime
) -> list[Intent]:
    """The alarm that passes the conversation on unless its colleague speaks; set it when the customer writes.

    It is one for each stretch of waiting, however often it is set; for whoever has it on their own phone
    too. None where the desk's file wants no such passing on.
    """
    if head.state != "human_active" or not escalation.reassign_after:
        return []
    payload: dict[str, object] = {
        "tenant": tenant,
        "conversation": conversation,
        "assignee": head.assignee,
        "tended_at": head.tended_at,
    }
    name = digest("silence", conversation, head.assignee, head.tended_at, head.first_waiting)
    return [Alarm(name, now + timedelta(seconds=escalation.reassign_after), "reassign_silent", payload)]
