"""Gives a conversation to a person, and back: what the desk says, and what is marked."""

import msgspec

from shared.desk.commit import Change, commit
from shared.desk.record import turn_alarm
from shared.desk.services import Services
from shared.domain.conversation import FROZEN, Head
from shared.domain.effects import HandOver
from shared.domain.errors import Permanent
from shared.domain.events import Happened
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.outbox import Intent, Publication
from shared.security.tenancy import TenantStore

FAILED = "desk_failure"
"""The type of a handover that the desk's own failure caused."""

SORRY = {
    "en": "Sorry, I cannot answer right now. I have asked a colleague to look at your message.",
    "hi": "क्षमा करें, मैं अभी जवाब नहीं दे पा रही हूँ। मैंने एक सहकर्मी से आपका संदेश देखने को कहा है।",
}
"""What a customer is told when the desk itself failed."""


def marked(head: Head) -> Head:
    """The head of a conversation that waits for a person."""
    return msgspec.structs.replace(head, state="pending_human")


def told(store: TenantStore, conversation: str, head: Head, handover: HandOver, at: str) -> Intent:
    """The fact that a conversation waits for a person, for whoever watches."""
    return Publication.of(
        Happened(
            event_id=digest("handed-over", conversation, str(head.pending)),
            tenant=store.tenant,
            what="conversation.handed_over",
            at=at,
            conversation=conversation,
            data={
                "reason": handover.reason,
                "type": handover.type,
                "priority": handover.priority,
                "summary": handover.summary,
            },
        )
    )


async def hand_back(services: Services, tenant: str, conversation: str) -> Head:
    """Give a conversation back to the desk; what waits is answered. Raises Permanent if no person has it."""
    store = services.tenant(tenant)

    def decide(head: Head | None, _: int) -> Change:
        if head is None or head.state not in FROZEN:
            raise Permanent(
                f"conversation {conversation} is not with a person; there is nothing to hand back"
            )
        now = services.ports.clock.now()
        new = msgspec.structs.replace(
            head, state="back_to_ai", back_at=stamp(now), failures=0, negative_in_a_row=0
        )
        if head.answered >= head.pending:
            return Change(head=new)
        new = msgspec.structs.replace(new, due=stamp(now))
        return Change(head=new, intents=[turn_alarm(tenant, conversation, head.pending, now)])

    head = await commit(services.ports, store, conversation, decide)
    if head is None:
        raise Permanent(f"conversation {conversation} is unknown; look at the list of conversations")
    return head


def sorry(language: str, reason: str) -> HandOver:
    """The handover of a conversation the desk could not answer; `reason` is for people, not for customers."""
    return HandOver(reason=reason, type=FAILED, priority="high", reply=SORRY.get(language[:2], SORRY["en"]))
