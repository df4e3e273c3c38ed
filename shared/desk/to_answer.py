"""Puts a customer's message among what the desk is to answer, and sets the alarm of the turn that does."""

from datetime import datetime

import msgspec

from shared.config.schema import DeskConfig
from shared.desk.silence import silence_alarms
from shared.domain.conversation import Head
from shared.domain.events import Happened
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.domain.states import FROZEN
from shared.outbox import Alarm, Intent, Publication


def turn_alarm(tenant: str, conversation: str, seq: int, due: datetime) -> Alarm:
    """The alarm that answers a conversation up to a message; its name carries generation and due time."""
    name = digest("turn", tenant, conversation, str(seq), stamp(due))
    return Alarm(name, due, "take_turn", {"tenant": tenant, "conversation": conversation, "seq": seq})


def to_answer(
    config: DeskConfig, tenant: str, conversation: str, head: Head, *, seq: int, due: datetime, now: datetime
) -> tuple[Head, list[Intent]]:
    """The head with a message that waits for an answer, due at an instant, and what tells of that.

    While a person has the conversation they are told, and no turn is.
    """
    new = msgspec.structs.replace(
        head,
        pending=seq,
        wrote=head.wrote + 1,
        first_waiting=head.first_waiting or stamp(now),
        due=stamp(due),
    )
    intents = silence_alarms(tenant, conversation, new, config.behavior.escalation, now)
    if new.state == "human_active" and new.assignee and not head.first_waiting:
        intents.append(_wrote(tenant, conversation, new))
    if new.state not in FROZEN:
        intents.append(turn_alarm(tenant, conversation, seq, due))
    return new, intents


def _wrote(tenant: str, conversation: str, head: Head) -> Publication:
    """The fact that a customer waits for the colleague who has them, once for each stretch of waiting."""
    return Publication.of(
        Happened(
            event_id=digest("customer.wrote", conversation, head.first_waiting),
            tenant=tenant,
            what="customer.wrote",
            at=head.first_waiting,
            conversation=conversation,
            data={"desk": head.desk, "assignee": head.assignee},
        )
    )
