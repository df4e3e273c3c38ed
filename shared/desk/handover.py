"""Asks for a person: what is marked on the conversation, what is written down, and who is told."""

from datetime import datetime

import msgspec

from shared.config.schema import DeskConfig
from shared.desk.surroundings import Scene
from shared.domain.conversation import Head
from shared.domain.effects import HandOver
from shared.domain.errors import FrontdeskError
from shared.domain.events import Happened
from shared.domain.handovers import Handover
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.models.budget import BudgetEnded
from shared.outbox import Alarm, Intent, Publication
from shared.security.tenancy import TenantStore

FAILED = "desk_failure"
"""The type of a handover that the desk's own failure caused."""

SORRY = {
    "en": "Sorry, I cannot answer right now. I have asked a colleague to look at your message.",
    "hi": "क्षमा करें, मैं अभी जवाब नहीं दे पा रही हूँ। मैंने एक सहकर्मी से आपका संदेश देखने को कहा है।",
}
"""What a customer is told when the desk itself failed."""


def asked(head: Head, handover: Handover) -> Head:
    """The head of a conversation for which a person is asked."""
    return msgspec.structs.replace(head, state="handover", handover=handover.id, assignee="")


def begun(
    conversation: str, head: Head, wanted: HandOver, *, config: DeskConfig, rev: int, now: datetime
) -> Handover:
    """The handover that a turn wants, with the skills its kind asks for."""
    kinds = config.behavior.escalation.handoff
    kind = next((one for one in kinds if one.type == wanted.type), None)
    return Handover(
        id=digest("handover", conversation, str(rev)),
        desk=head.desk,
        conversation=conversation,
        customer=head.customer,
        channel=head.channel,
        type=wanted.type,
        reason=wanted.reason,
        priority=wanted.priority,
        summary=wanted.summary,
        instead=wanted.instead,
        departments=wanted.skills or (kind.departments if kind else ()),
        specialization=kind.specialization if kind else (),
        asked_at=stamp(now),
        asked_seq=head.pending,
    )


def routing(tenant: str, handover: Handover, rev: int, now: datetime) -> Intent:
    """The alarm that finds somebody, at once, for a handover that the head's `rev` put into the queue."""
    name = digest("route", tenant, handover.id, str(rev))
    payload: dict[str, object] = {"tenant": tenant, "handover": handover.id}
    return Alarm(name, now, "route_handover", payload)


def requeued(tenant: str, conversation: str, scene: Scene, *, why: str) -> tuple[Head, Handover, Intent]:
    """Head and handover of a conversation that goes back to the queue, and the alarm that finds somebody.

    `why` is the reason where no person was asked for before.
    """
    head, now = scene.head, scene.now
    waits = scene.handover or Handover(
        id=digest("handover", conversation, str(scene.rev)),
        desk=head.desk,
        conversation=conversation,
        customer=head.customer,
        channel=head.channel,
        reason=why,
        asked_at=stamp(now),
        asked_seq=head.pending,
    )
    passed = dict.fromkeys((*waits.passed, *([head.assignee] if head.assignee else [])))
    waits = msgspec.structs.replace(
        waits, state="waiting", assignee="", offered_to="", offered_until="", passed=tuple(passed)
    )
    back = msgspec.structs.replace(
        head,
        state="pending_human",
        assignee="",
        handover=waits.id,
        tended_at=stamp(now),
        snoozed_until="",
    )
    return back, waits, routing(tenant, waits, scene.rev, now)


def told(store: TenantStore, handover: Handover) -> Intent:
    """The fact that a conversation waits for a person, for whoever watches."""
    return Publication.of(
        Happened(
            event_id=digest("handed-over", handover.id),
            tenant=store.tenant,
            what="conversation.handed_over",
            at=handover.asked_at,
            conversation=handover.conversation,
            data={
                "handover": handover.id,
                "reason": handover.reason,
                "type": handover.type,
                "priority": handover.priority,
                "summary": handover.summary,
            },
        )
    )


def given_up(language: str, error: FrontdeskError) -> HandOver:
    """The handover of a conversation the desk could not answer; why is for people, not for customers.

    Where only the money ended, nothing is broken: the customer is told that a colleague comes.
    """
    reason = str(error)
    if isinstance(error, BudgetEnded):
        return HandOver(reason=f"the budget ended: {reason}", priority="high")
    return HandOver(reason=reason, type=FAILED, priority="high", reply=SORRY.get(language[:2], SORRY["en"]))
