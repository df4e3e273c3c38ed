"""Ends a handover nobody takes: something is left for people, the customer is told, the desk goes on."""

from datetime import datetime

import msgspec

from shared.channels.fit import fitted
from shared.config.unavailable_words import WAYS, Way, missed_words, unavailable_words
from shared.desk.absence import Absence
from shared.desk.commit import adding, as_data
from shared.desk.hand_back import given_back
from shared.desk.handover import FAILED
from shared.desk.left_ticket import LeftTicket, left_ticket
from shared.desk.people_memory import left
from shared.desk.queue import kind_of
from shared.desk.ready import reply_ready
from shared.desk.silence import customer_waits
from shared.desk.surroundings import Move, Scene, happened
from shared.domain.callbacks import CALLBACK
from shared.domain.colleagues import DESK
from shared.domain.content import Content, Outgoing
from shared.domain.conversation import Message
from shared.domain.effects import Priority
from shared.domain.handovers import Handover
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.outbox import Intent, Publication
from shared.ports import Put, Write

_NEEDS: dict[Way, str] = {"callback": "schedule_callback", "appointment": "book_slot"}
"""The tool without which the desk cannot go a way."""

_NEXT: dict[Way, str] = {
    "callback": "Ask when and on which number the customer wants to be called, and schedule the call.",
    "appointment": "Offer the customer an appointment, and book it.",
    "alternative": "Help with what else the customer needs.",
}
"""What the desk, which goes on, is told to do."""


def nobody_comes(
    tenant: str, scene: Scene, handover: Handover, absence: Absence, *, why: str, timed_out: bool = False
) -> Move:
    """The move that ends a handover nobody takes, and gives the word back to the desk.

    The desk's file says what is done: what the trigger names, then what it lists for when nobody is there,
    in order, or first what it says of this kind of person where some were asked in vain. The first that
    can be done is.
    """
    action = _action(absence, handover, timed_out=timed_out)
    ticket = _ticket(tenant, handover, absence, action, scene)
    messages = _messages(scene, handover, _words(scene, handover, absence, action, ticket), absence)
    note = _note(handover, action, ticket, why)
    at = stamp(scene.now)
    over = msgspec.structs.replace(
        handover,
        state="unanswered",
        offered_to="",
        offered_until="",
        fallback=action,
        ended_at=at,
        note=note,
    )
    head, intents = given_back(tenant, over.conversation, scene)
    if messages:
        head = msgspec.structs.replace(head, last=messages[-1].seq)
        seqs = tuple(message.seq for message in messages)
        intents.append(Publication.of(reply_ready(absence.store, over.conversation, seqs)))
    return Move(
        head=head,
        handover=over,
        writes=[
            *([ticket.write] if ticket else []),
            *_missed(absence, ticket, scene.until),
            *(adding(over.conversation, one) for one in messages),
            *left(
                over.conversation,
                absence.memory,
                at=at,
                until=scene.until,
                by=DESK,
                summary=note,
                promises=(),
            ),
        ],
        intents=[
            *intents,
            *(ticket.intents if ticket else ()),
            _told(tenant, scene, over, ticket, absence),
        ],
        why=why,
    )


def _action(absence: Absence, handover: Handover, *, timed_out: bool) -> str:
    """The first of the file's actions that can be done here; a ticket where there is none."""
    if handover.type == CALLBACK:
        return "create_urgent_ticket"
    escalation = absence.config.behavior.escalation
    entries = [entry.action for entry in escalation.human_unavailable]
    kind = kind_of(absence.config, handover.type).fallback
    order = [handover.instead, *([kind, *entries] if timed_out else [*entries, kind])]
    if escalation.mode == "create_ticket" or handover.type == FAILED:  # a desk that failed offers nothing
        order = [one for one in order if WAYS.get(one) == "ticket"]
    return next((one for one in order if _can(absence, one)), "create_ticket")


def _can(absence: Absence, action: str) -> bool:
    way = WAYS.get(action)
    return way is not None and (way not in _NEEDS or _NEEDS[way] in absence.tools)


def _ticket(
    tenant: str, handover: Handover, absence: Absence, action: str, scene: Scene
) -> LeftTicket | None:
    if WAYS[action] != "ticket":
        return None
    priority: Priority = "urgent" if action == "create_urgent_ticket" else handover.priority
    return left_ticket(tenant, absence.config, handover, absence.standing, priority=priority, now=scene.now)


def _words(scene: Scene, handover: Handover, absence: Absence, action: str, ticket: LeftTicket | None) -> str:
    """What the customer is told; nothing where they do not wait, or were told just now."""
    number, due = (ticket.ticket.id, ticket.ticket.due) if ticket else ("", "")
    by = instant(due) if due else None
    config, listener = absence.config, absence.listener
    if absence.callback is not None:
        return missed_words(config, listener, ticket=number, due=by)
    if not customer_waits(scene.head, handover):
        return ""
    words = unavailable_words(config, action, listener, scene.now, ticket=number, due=by)
    return "" if words in absence.said else words


def _messages(scene: Scene, handover: Handover, words: str, absence: Absence) -> list[Message]:
    parts = fitted(Outgoing(text=words), absence.limits) if words else []
    return [
        Message(
            seq=scene.head.last + 1 + part,
            author="desk",
            status="queued",
            at=stamp(scene.now),
            content=Content(text=outgoing.text),
            outgoing=outgoing,
            public_id=digest("unavailable", handover.id, str(part)),
            born=scene.rev,
            rev=scene.rev,
            epoch=scene.head.epoch,
            until=stamp(scene.until),
        )
        for part, outgoing in enumerate(parts)
    ]


def _missed(absence: Absence, ticket: LeftTicket | None, until: datetime) -> list[Write]:
    """The promised call that nobody could make, which goes then: what people have to do is the ticket's."""
    if absence.callback is None:
        return []
    callback, document = absence.callback
    missed = msgspec.structs.replace(callback, state="missed", ticket=ticket.ticket.id if ticket else "")
    return [Put(document.path, as_data(missed), version=document.version, expires=until)]


def _note(handover: Handover, action: str, ticket: LeftTicket | None, why: str) -> str:
    """What the desk reads before it answers again."""
    left_behind = (
        f"Ticket {ticket.ticket.id} stands for it; give the customer that number if they ask."
        if ticket
        else _NEXT[WAYS[action]]
    )
    return (
        f"A person was asked for ({handover.reason}) and nobody could come: {why}. {left_behind} "
        "Do not hand over for the same thing again unless the customer asks for a person once more."
    )


def _told(tenant: str, scene: Scene, over: Handover, ticket: LeftTicket | None, absence: Absence) -> Intent:
    data: dict[str, object] = {"handover": over.id, "fallback": over.fallback, "priority": over.priority}
    data |= {"ticket": ticket.ticket.id} if ticket else {}
    data |= {"callback": absence.callback[0].id} if absence.callback else {}
    return happened(tenant, over.conversation, scene, what="handover.unanswered", data=data)
