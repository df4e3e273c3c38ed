"""An answer as one change of the conversation: its messages, receipt, effects and intents together."""

import re
from datetime import datetime

import msgspec

from shared.channels.fit import fitted
from shared.channels.shape import Limits
from shared.config.handover_words import emergency_words, handover_words
from shared.config.schema import DeskConfig
from shared.desk import handover
from shared.desk.commit import Change, adding, as_data
from shared.desk.outreach.alarms import weigh_alarm
from shared.desk.outreach.rules import QUIET, weighs_silence
from shared.desk.ready import reply_ready
from shared.desk.retention import messages_until, receipts_until
from shared.desk.signs import unsure_in_a_row
from shared.desk.thought import Thought
from shared.desk.to_answer import turn_alarm
from shared.desk.transcript import trace_of
from shared.desk.triggers import negative_in_a_row
from shared.domain.content import ChannelName, Content, Outgoing
from shared.domain.conversation import Head, Message
from shared.domain.effects import Effect, Publish, Send, SetTimer
from shared.domain.handovers import handover_path
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.receipts import Outcome, Receipt
from shared.outbox import Alarm, Intent, Publication
from shared.ports import Create, Put, Write
from shared.security.tenancy import TenantStore


def public_id(turn: str, part: int) -> str:
    """The id readers know a part of an answer by; known before it is committed, so partials can carry it."""
    return digest("reply", turn, str(part))


def receipt_path(conversation: str, turn: str) -> str:
    """Where a turn's receipt stands."""
    return f"conversations/{conversation}/turns/{turn.rpartition(':')[2].zfill(12)}"


def answered(
    store: TenantStore,
    conversation: str,
    thought: Thought,
    *,
    config: DeskConfig,
    limits: Limits | None,
    head: Head,
    rev: int,
    now: datetime,
) -> Change:
    """The change that makes a thought the desk's answer, cut to its channel's `limits`.

    None is a call: what is spoken stands in the conversation as it is played, written down by whoever
    plays it, and who carries the call answers what came meanwhile.
    """
    messages = _messages(thought, config=config, limits=limits, head=head, rev=rev, now=now) if limits else []
    seqs = tuple(message.seq for message in messages)
    intents: list[Intent] = []
    if seqs:
        intents.append(Publication.of(reply_ready(store, conversation, seqs)))
    intents += [intent for effect in thought.effects for intent in intents_of(effect)]
    more = head.pending > thought.covers[1]
    new = msgspec.structs.replace(
        head,
        last=seqs[-1] if seqs else head.last,
        answered=thought.covers[1],
        state="finished",
        lease="",
        lease_until="",
        first_waiting=stamp(now) if more else "",
        due=stamp(now) if more else "",
        restarts=0,
        failures=0,
        negative_in_a_row=negative_in_a_row(head, thought.signals),
        unsure_in_a_row=unsure_in_a_row(head, thought.signals),
        language=thought.language or head.language,
        answered_by=thought.answered_by or head.answered_by,
        answering=head.answering if thought.answering is None else thought.answering,
    )
    receipt = _receipt(conversation, thought, now, head.restarts, rev)
    writes: list[Write] = [
        *(adding(conversation, message) for message in messages),
        Put(receipt_path(conversation, thought.turn), as_data(receipt), expires=receipts_until(config, now)),
    ]
    if thought.handover is not None:
        begun = handover.begun(conversation, head, thought.handover, config=config, rev=rev, now=now)
        intents += [handover.told(store, begun), handover.routing(store.tenant, begun, rev, now)]
        ends = messages_until(config, now)
        writes.append(Create(handover_path(begun.id), as_data(begun), expires=ends))
        new = handover.asked(new, begun)
    elif more and limits:
        intents.append(turn_alarm(store.tenant, conversation, head.pending, now))
    if limits and not (more or thought.handover) and weighs_silence(config):
        intents.append(weigh_alarm(store.tenant, conversation, head.pending, now + QUIET))
    why = thought.handover.reason if thought.handover else ""
    until = receipts_until(config, now)
    return Change(head=new, writes=writes, intents=intents, why=why, told_until=until)


def words_of(thought: Thought, *, config: DeskConfig, channel: ChannelName, now: datetime) -> list[Outgoing]:
    """All that a thought says, in order, before it is cut to a channel."""
    answer = Outgoing(text=thought.text, choices=thought.choices)
    said = [answer] if thought.text else []
    said += [effect.message for effect in thought.effects if isinstance(effect, Send)]
    if thought.handover is not None:
        words = thought.handover.reply or handover_words(
            config, now, language=thought.language, channel=channel, customer=thought.customer
        )
        said.append(Outgoing(text=words))
    return _safety_first(said, config, thought)


def _messages(
    thought: Thought, *, config: DeskConfig, limits: Limits, head: Head, rev: int, now: datetime
) -> list[Message]:
    """The messages of an answer, cut to the channel, under the next sequences."""
    said = words_of(thought, config=config, channel=head.channel, now=now)
    parts = [part for message in said for part in fitted(message, limits)]
    trace = trace_of(thought.turns)
    return [
        Message(
            seq=head.last + 1 + part,
            author="desk",
            status="queued",
            at=stamp(now),
            until=stamp(messages_until(config, now)),
            content=Content(text=outgoing.text, attachments=outgoing.attachments),
            outgoing=outgoing,
            public_id=public_id(thought.turn, part),
            born=rev,
            rev=rev,
            turn=thought.turn,
            trace=trace if part == 0 else (),
            epoch=head.epoch,
        )
        for part, outgoing in enumerate(parts)
    ]


def _safety_first(said: list[Outgoing], config: DeskConfig, thought: Thought) -> list[Outgoing]:
    """What is said, with whom to call before it where somebody is in danger and nothing says so yet."""
    language = thought.signals.language or thought.language
    words = emergency_words(config, thought.signals.intent, language)
    number, text = config.desk.emergency_number, " ".join(message.text for message in said)
    if not words or words in text or number in re.findall(r"\d+", text):
        return said
    first, *rest = said or [Outgoing(text="")]
    return [msgspec.structs.replace(first, text=f"{words}\n\n{first.text}".strip()), *rest]


def intents_of(effect: Effect) -> list[Intent]:
    """What carries out an effect that is neither said nor marked on the head."""
    match effect:
        case SetTimer(name=name, due=due, handler=handler, payload=payload):
            return [Alarm(name, instant(due), handler, payload)]
        case Publish(topic=topic, event=event):
            return [Publication(topic, msgspec.json.encode(event))]
        case _:
            return []  # said in the messages, or marked on the head


def _receipt(conversation: str, thought: Thought, now: datetime, restarts: int, rev: int) -> Receipt:
    failed = thought.handover is not None and thought.handover.type == handover.FAILED
    outcome: Outcome = "apologised" if failed else "handed_over" if thought.handover else "answered"
    return Receipt(
        turn=thought.turn,
        conversation=conversation,
        covers=thought.covers,
        config_version=thought.version,
        outcome=outcome,
        started_at=stamp(thought.began),
        ended_at=stamp(now),
        ms=(now - thought.began).total_seconds() * 1000,
        steps=thought.steps,
        signals=thought.signals,
        answered_by=thought.answered_by,
        model=thought.model,
        input=sum(step.input for step in thought.steps),
        output=sum(step.output for step in thought.steps),
        money=sum(step.money for step in thought.steps),
        restarts=restarts,
        rev=rev,
    )
