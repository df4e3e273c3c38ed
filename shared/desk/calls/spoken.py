"""Writes down what was said on a call, as it is said: each side's words once, in their order."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from shared.config.schema import DeskConfig
from shared.desk.answer import receipt_path
from shared.desk.commit import Change, adding, as_data, commit
from shared.desk.record import SEEN_FOR
from shared.desk.retention import messages_until, receipts_until
from shared.desk.services import Services
from shared.desk.speak import first_answer
from shared.desk.surroundings import Move, Scene, change
from shared.desk.take import takeover_ends
from shared.domain.calls import Call
from shared.domain.content import Content, Outgoing
from shared.domain.conversation import Head, Message
from shared.domain.errors import AlreadyExists
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.receipts import Receipt, Step
from shared.domain.states import FROZEN, State
from shared.ports import Create, Put, Write
from shared.security.tenancy import TenantStore

Words = Callable[[Head, int, datetime], tuple[Head, Message]]
"""Given the head, the revision to be made and the time: the new head, and the words as a message."""
More = Callable[[Head, int, datetime], list[Write]]

TENDED_EVERY = timedelta(minutes=1)
"""How far apart words of a colleague on the line set the alarms of their takeover anew."""


def turn_of(conversation: str, head: Head) -> str:
    """The id of the turn under way; it stays until there is an answer.

    It does not ask what waits: a realtime model may call a tool before the caller's words are told.
    """
    return f"{conversation}:{head.answered + 1}"


async def heard(
    services: Services,
    store: TenantStore,
    call: Call,
    item: str,
    text: str,
    *,
    config: DeskConfig,
    to_person: bool = False,
) -> int | None:
    """Write down what the caller said; its sequence, None where the item was written down before.

    `item` is the words' own name, the same for every telling. Nothing is rung: whoever carries the call
    answers; what they say to a colleague on the line waits for nobody. Raises Transient where the store is
    busy.
    """

    def words(head: Head, rev: int, now: datetime) -> tuple[Head, Message]:
        seq = head.last + 1
        new = msgspec.structs.replace(head, last=seq, wrote=head.wrote + 1, last_inbound_at=stamp(now))
        if not to_person:
            new = msgspec.structs.replace(
                new,
                pending=seq,
                state=head.state if head.state in FROZEN else _answering(head.state),
                first_waiting=head.first_waiting or stamp(now),
                unread=head.unread + 1,
            )
        message = Message(
            seq=seq,
            author="customer",
            status="received",
            at=stamp(now),
            until=stamp(messages_until(config, now)),
            content=Content(text=text),
            public_id=digest("spoken", call.id, item),
            born=rev,
            rev=rev,
        )
        return new, message

    return await _written(services, store, call, item, words)


async def said(
    services: Services,
    store: TenantStore,
    call: Call,
    item: str,
    text: str,
    *,
    config: DeskConfig,
    by: str = "",
    spoken: bool = False,
    answers: bool = True,
    turn: str | None = None,
    version: int = 0,
    trace: tuple[dict[str, object], ...] = (),
    steps: Sequence[Step] = (),
    began: datetime | None = None,
) -> int | None:
    """Write down what was played of our side; its sequence, None where the item was written down before.

    `by` is the colleague whose words they are, where it was a person; `spoken` that they were on the line,
    where their words answer what waits and tend the takeover, as typed ones do. What `answers`, and is not
    a word in between, ends the caller's turn; `steps` are what it did and cost on that `version` of the
    desk, for its receipt. A turn that committed its own answer is named by `turn`, and ends nothing here.
    Raises Transient.
    """

    def words(head: Head, rev: int, now: datetime) -> tuple[Head, Message]:
        seq = head.last + 1
        ends = answers and not turn and head.state not in FROZEN
        new = msgspec.structs.replace(
            head,
            last=seq,
            answered=seq if ends else head.answered,  # also where it answers words that nobody told yet
            first_waiting="" if ends else head.first_waiting,
            state="finished" if ends and head.state == "ai_processing" else head.state,
        )
        message = Message(
            seq=seq,
            author="human" if by or spoken else "desk",
            status="delivered",
            at=stamp(now),
            until=stamp(messages_until(config, now)),
            content=Content(text=text),
            outgoing=Outgoing(text=text),
            public_id=digest("spoken", call.id, item),
            born=rev,
            rev=rev,
            turn=None if by or spoken else turn or turn_of(call.conversation, head),
            by=by,
            spoken=spoken,
            trace=trace,
            epoch=head.epoch,
        )
        return new, message

    def receipts(before: Head, rev: int, now: datetime) -> list[Write]:
        if not steps or by:
            return []
        receipt = _receipt(call, before, steps, version=version, began=began or now, now=now, rev=rev)
        path = receipt_path(call.conversation, receipt.turn)
        return [Put(path, as_data(receipt), expires=receipts_until(config, now))]

    if spoken:
        return await _written_as_tended(services, store, call, item, words)
    return await _written(services, store, call, item, words, more=receipts)


def _answering(state: State) -> State:
    return "ai_processing" if state in ("new", "finished", "back_to_ai") else state


async def _written(
    services: Services, store: TenantStore, call: Call, item: str, words: Words, *, more: More | None = None
) -> int | None:
    written: list[int] = []

    def decide(head: Head | None, rev: int) -> Change | None:
        written.clear()
        if head is None or head.state == "resolved":
            return None
        now = services.ports.clock.now()
        new, message = words(head, rev, now)
        written.append(message.seq)
        besides = more(head, rev, now) if more else []
        return Change(head=new, writes=[*_once(call, item, message, now), *besides])

    try:
        await commit(services.ports, store, call.conversation, decide)
    except AlreadyExists as twice:
        if twice.path.endswith(_seen(call, item)):
            return None
        raise
    return written[0] if written else None


async def _written_as_tended(
    services: Services, store: TenantStore, call: Call, item: str, words: Words
) -> int | None:
    """The same for what a person says on the line: it answers what waited, as what they type does."""
    written: list[int] = []

    def decide(scene: Scene) -> Move | None:
        written.clear()
        if scene.head.state == "resolved":
            return None
        new, message = words(scene.head, scene.rev, scene.now)
        written.append(message.seq)
        tended = _tended(store.tenant, call.conversation, scene, new)
        return replace(tended, writes=_once(call, item, message, scene.now))

    try:
        await change(services, store, call.conversation, decide)
    except AlreadyExists as twice:
        if twice.path.endswith(_seen(call, item)):
            return None
        raise
    return written[0] if written else None


def _tended(tenant: str, conversation: str, scene: Scene, head: Head) -> Move:
    """The head with what follows from a person's words, while a person has the conversation."""
    if head.state != "human_active":  # written late: they spoke, and it was given back
        return Move(head=head)
    head = msgspec.structs.replace(head, answered=max(head.answered, head.pending), first_waiting="")
    handover = first_answer(scene.handover, stamp(scene.now))
    if head.tended_at and scene.now - instant(head.tended_at) < TENDED_EVERY:
        return Move(head=head, handover=handover)
    tended = msgspec.structs.replace(head, tended_at=stamp(scene.now))
    return Move(head=tended, handover=handover, intents=takeover_ends(tenant, conversation, scene))


def _seen(call: Call, item: str) -> str:
    return f"seen/{digest('spoken', call.id, item)}"


def _once(call: Call, item: str, message: Message, now: datetime) -> list[Write]:
    """The writes that add an item's words, and that fail where they were added before."""
    told: Write = Create(
        _seen(call, item), {"shape": 1, "conversation": call.conversation}, expires=now + SEEN_FOR
    )
    return [told, adding(call.conversation, message)]


def _receipt(
    call: Call, head: Head, steps: Sequence[Step], *, version: int, began: datetime, now: datetime, rev: int
) -> Receipt:
    first = int(turn_of(call.conversation, head).rpartition(":")[2])
    models = [step for step in steps if step.kind == "model"]
    return Receipt(
        turn=turn_of(call.conversation, head),
        conversation=call.conversation,
        covers=(min(first, head.pending), head.pending),
        config_version=version,
        outcome="answered",
        started_at=stamp(began),
        ended_at=stamp(now),
        ms=(now - began).total_seconds() * 1000,
        steps=tuple(steps),
        model=models[-1].name if models else "",
        input=sum(step.input for step in steps),
        output=sum(step.output for step in steps),
        money=sum(step.money for step in steps),
        rev=rev,
    )
