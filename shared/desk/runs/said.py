"""What a run does in its conversation: it says what its steps say, asks for a person, and is told of."""

import logging
from datetime import datetime

import msgspec

from shared.channels.fit import fitted
from shared.config.handover_words import handover_words
from shared.desk import handover
from shared.desk.channels import channel_of
from shared.desk.commit import Change, adding, as_data
from shared.desk.ready import reply_ready
from shared.desk.retention import messages_until, receipts_until
from shared.desk.runs.change import OfHead
from shared.desk.runs.reached import Reached
from shared.desk.services import Services
from shared.domain.content import Content, Outgoing
from shared.domain.conversation import Head, Message
from shared.domain.effects import HandOver
from shared.domain.handovers import handover_path
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.domain.notes import Note, note_path
from shared.domain.runs import OVER, Run, awaits_reply
from shared.domain.states import FROZEN
from shared.outbox import Intent, Publication
from shared.ports import Create, Write
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)


def said_by(
    services: Services, store: TenantStore, reached: Reached, run: Run, now: datetime
) -> OfHead | None:
    """What the stretch does to the conversation's head, or None where nothing of it concerns that.

    Where a person has the conversation, what would have been said is not: the note tells them the words.
    """
    config = reached.published.config
    in_turn = reached.answer is not None  # the turn says what it says, and whom it asks for
    person = next((effect for effect in reached.effects if isinstance(effect, HandOver)), None)
    person = None if in_turn else person
    told = _told(run, reached)
    awaits = not in_turn and awaits_reply(run) != awaits_reply(reached.run)
    if not (reached.words or person or told or awaits):
        return None

    def decide(head: Head, rev: int) -> Change:
        frozen = head.state in FROZEN
        said = [] if frozen else [*reached.words]
        if person and not frozen:
            language = head.language or config.desk.languages[0]
            said.append(
                Outgoing(
                    text=person.reply
                    or handover_words(config, now, language=language, channel=head.channel, customer={})
                )
            )
        channel = channel_of(services, config, head.channel) if said else None
        parts = [part for one in said for part in fitted(one, channel.limits)] if channel else []
        seqs = tuple(head.last + 1 + place for place in range(len(parts)))
        until = messages_until(config, now)
        writes: list[Write] = [
            adding(
                run.conversation,
                _message(run, reached, part, seq=seq, rev=rev, head=head, now=now, until=until),
            )
            for seq, part in zip(seqs, parts, strict=True)
        ]
        intents: list[Intent] = []
        if seqs:
            intents.append(Publication.of(reply_ready(store, run.conversation, seqs)))
        text = "; ".join(filter(None, (told, _unsaid(reached) if frozen else "")))
        if text:
            note = Note(rev=rev, at=stamp(now), by="", name=f"Workflow {run.workflow}", text=text)
            writes.append(Create(note_path(run.conversation, rev), as_data(note), expires=until))
        new = msgspec.structs.replace(head, last=seqs[-1] if seqs else head.last)
        if not in_turn:
            new = awaiting(new, run)
        if person and not frozen:
            begun = handover.begun(run.conversation, head, person, config=config, rev=rev, now=now)
            intents += [handover.told(store, begun), handover.routing(store.tenant, begun, rev, now)]
            writes.append(Create(handover_path(begun.id), as_data(begun), expires=until))
            new = handover.asked(new, begun)
        why = person.reason if person else ""
        return Change(
            head=new, writes=writes, intents=intents, why=why, told_until=receipts_until(config, now)
        )

    return decide


def awaiting(head: Head, run: Run) -> Head:
    """The head with who waits for the customer's next message: beside the desk, or to answer it."""
    others = tuple(one for one in head.awaiting if one != run.id)
    answering = "" if head.answering == run.id else head.answering
    if awaits_reply(run) and run.turn:
        answering = run.id
    elif awaits_reply(run):
        others = (*others, run.id)
    return msgspec.structs.replace(head, awaiting=others, answering=answering)


def _told(run: Run, reached: Reached) -> str:
    """What people read of it in the conversation; nothing for a stretch that changes nothing for them."""
    if run.status in OVER and not (run.turn and run.status == "completed"):
        why = f": {run.error}" if run.error else ""
        return f"{run.status}{why}"
    asked = {wait.node for wait in reached.run.waits}
    question = next((one.question for one in run.waits if one.question and one.node not in asked), "")
    return f"asks: {question}" if question else ""


def _unsaid(reached: Reached) -> str:
    """What people read of words that a run keeps to itself because they have the conversation."""
    words = " / ".join(one.text for one in reached.words if one.text)
    return f"not said while a colleague has the conversation: {words}" if words else ""


def _message(
    run: Run,
    reached: Reached,
    outgoing: Outgoing,
    *,
    seq: int,
    rev: int,
    head: Head,
    now: datetime,
    until: datetime,
) -> Message:
    name = digest(
        "run said", run.id, str(run.thread), str(reached.run.carried), str(len(reached.run.trace)), str(seq)
    )
    return Message(
        seq=seq,
        author="desk",
        status="queued",
        at=stamp(now),
        until=stamp(until),
        content=Content(text=outgoing.text, attachments=outgoing.attachments),
        outgoing=outgoing,
        public_id=name,
        born=rev,
        rev=rev,
        epoch=head.epoch,
    )
