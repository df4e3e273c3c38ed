"""Answers a conversation: takes the lease, thinks, and commits the answer with everything it decided."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from shared.channels.shape import Channel
from shared.config.schema import DeskConfig
from shared.config.versions import Published
from shared.desk import handover, lease
from shared.desk.answer import answered, public_id
from shared.desk.channels import channel_of
from shared.desk.commit import Change, commit, head_path, hint, read_head
from shared.desk.lease import Lease, holds
from shared.desk.question import Question, ask
from shared.desk.services import Services
from shared.desk.summarise import summarise_if_due
from shared.desk.think import Desk, think
from shared.desk.thought import Thought
from shared.desk.to_answer import turn_alarm
from shared.domain.content import SPOKEN
from shared.domain.conversation import Head
from shared.domain.errors import FrontdeskError, Permanent, Transient
from shared.domain.instants import stamp
from shared.domain.receipts import Step
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)

MOST_RESTARTS = 2
"""How often newer words make a turn begin anew before it is finished as it is."""

PAUSES = (2.0, 5.0, 10.0)
"""Seconds before a turn that failed for a passing reason is tried again; then a person is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turning:
    """One turn under way."""

    services: Services
    store: TenantStore
    conversation: str
    published: Published
    channel: Channel
    lease: Lease


async def take_turn(services: Services, tenant: str, conversation: str, seq: int) -> None:
    """Answer what waits in a conversation, up to its newest message.

    Does nothing where there is nothing to do, nor on a call, which whoever carries it answers. What fails
    for a passing reason is tried again by a timer; what fails for good, or too often, ends with an honest
    word to the customer and a person asked.
    Raises Transient where the store is busy.
    """
    store = services.tenant(tenant)
    document = await store.get(head_path(conversation))
    head = read_head(document)
    published = await services.versions.published(head.desk) if head else None
    if document is None or head is None or published is None or head.channel in SPOKEN:
        return
    channel = channel_of(services, published.config, head.channel)
    announces = hasattr(channel, "typing")
    taken = await lease.take(services, store, conversation, seq, announces=announces, read=document)
    while taken is not None:
        turning = Turning(
            services=services,
            store=store,
            conversation=conversation,
            published=published,
            channel=channel,
            lease=taken,
        )
        async with AsyncExitStack() as after:
            taken = await _attempt(turning, after)


async def _attempt(turning: Turning, after: AsyncExitStack) -> Lease | None:
    """One attempt at an answer; the lease once more where newer words call for a fresh start.

    `after` takes what may wait until the answer is on its way.
    """
    services, head = turning.services, turning.lease.head
    question: Question | None = None
    if head.failures > len(PAUSES):
        await _fail(turning, None, Permanent("the turn was cut short again and again; see the logs"))
        return None
    try:
        async with asyncio.timeout(services.turn_seconds * 0.9):
            if turning.channel.limits.streams:
                await _show_typing(turning)
            question = await ask(
                services,
                turning.store,
                turning.conversation,
                head=head,
                published=turning.published,
                upto=head.pending,
            )
            if question.withdrawn:
                await _take_back(turning, [question.turn])
                await _let_be(turning, question)
                return None
            streams = turning.channel.limits.streams
            thought = await think(Desk(services, turning.store, turning.lease, streams, after), question)
    except TimeoutError:
        await _fail(turning, question, Transient("the turn took longer than it may"))
        return None
    except FrontdeskError as error:
        await _fail(turning, question, error)
        return None
    except Exception:
        log.exception("turn.broke", extra={"conversation": turning.conversation})
        await _fail(turning, question, Transient("an unexpected error, described in the logs"))
        return None
    again = await _finish(turning, thought)
    await after.aclose()
    if again is None:
        await summarise_if_due(services, turning.store, question)
    return again


async def _show_typing(turning: Turning) -> None:
    """On a channel that streams, readers are told by the same way as they are shown the answer."""
    note: dict[str, object] = {"event": "typing", "on": True}
    await hint(turning.services.ports, turning.store, turning.conversation, note)


async def _finish(turning: Turning, thought: Thought) -> Lease | None:
    """Commit the answer; or begin anew where more was said while nothing was done or shown yet."""
    services = turning.services
    now = services.ports.clock.now()
    published = await services.versions.version(turning.published.desk, thought.version)
    config = (published or turning.published).config  # a turn ends on the version it began on
    anew: list[bool] = []

    def decide(head: Head | None, rev: int) -> Change | None:
        anew.clear()
        if head is None or not holds(head, turning.lease):
            return None  # a person spoke, or another turn took over: this answer is not said
        untouched = not (thought.acted or thought.shown or thought.handover)
        if head.pending > thought.covers[1] and untouched and head.restarts < MOST_RESTARTS:
            anew.append(True)
            until = stamp(now + timedelta(seconds=services.turn_seconds))
            return Change(
                head=msgspec.structs.replace(
                    head, restarts=head.restarts + 1, fence=head.fence + 1, lease_until=until
                )
            )
        return _answered(turning, thought, config, head, rev)

    head = await commit(services.ports, turning.store, turning.conversation, decide)
    if head is None:
        log.info("turn.not_said", extra={"conversation": turning.conversation})
        await _take_back(turning, [thought.turn])
        return None
    return Lease(head, resumes=False) if anew else None


def _answered(turning: Turning, thought: Thought, config: DeskConfig, head: Head, rev: int) -> Change:
    return answered(
        turning.store,
        turning.conversation,
        thought,
        config=config,
        limits=turning.channel.limits,
        head=head,
        rev=rev,
        now=turning.services.ports.clock.now(),
    )


async def _let_be(turning: Turning, question: Question) -> None:
    """Everything that waited was withdrawn: nothing is said, and nothing waits any more."""

    def decide(head: Head | None, _: int) -> Change | None:
        if head is None or not holds(head, turning.lease):
            return None
        now = turning.services.ports.clock.now()
        more = head.pending > question.covers[1]
        new = msgspec.structs.replace(
            head,
            answered=question.covers[1],
            state="finished",
            lease="",
            lease_until="",
            first_waiting=stamp(now) if more else "",
        )
        alarm = turn_alarm(turning.store.tenant, turning.conversation, head.pending, now)
        return Change(head=new, intents=[alarm] if more else ())

    await commit(turning.services.ports, turning.store, turning.conversation, decide)


async def _take_back(turning: Turning, turns: Sequence[str]) -> None:
    """Remove from the customer's screen what was shown of answers that will not be said, or not yet."""
    for turn in turns if turning.channel.limits.streams else ():
        note: dict[str, object] = {"event": "partial", "message_id": public_id(turn, 0), "text": ""}
        await hint(turning.services.ports, turning.store, turning.conversation, note)


def _begun(turning: Turning, question: Question | None) -> list[str]:
    """The turns that may have shown something: this one, or, where it asked nothing, any that died before."""
    if question is not None:
        return [question.turn]
    head = turning.lease.head
    return [f"{turning.conversation}:{seq}" for seq in range(head.answered + 1, head.pending + 1)]


async def _fail(turning: Turning, question: Question | None, error: FrontdeskError) -> None:
    """Try again later for a passing reason, or tell the customer and ask a person."""
    services, store, conversation = turning.services, turning.store, turning.conversation
    now = services.ports.clock.now()
    await _take_back(turning, _begun(turning, question))
    log.warning(
        "turn.failed",
        extra={"conversation": conversation, "family": type(error).__name__, "why": str(error)},
    )

    def decide(head: Head | None, rev: int) -> Change | None:
        if head is None or not holds(head, turning.lease):
            return None
        if isinstance(error, Transient) and head.failures < len(PAUSES):
            pause = max(PAUSES[head.failures], min(error.retry_after or 0, 60))
            due = now + timedelta(seconds=pause)
            alarm = turn_alarm(store.tenant, conversation, head.pending, due)
            # The lease stays, run out: whoever takes it next knows there may be something to resume.
            later = msgspec.structs.replace(head, lease_until=stamp(now))
            return Change(head=later, intents=[alarm])
        apology = _apology(turning, question, error, now=now)
        return _answered(turning, apology, turning.published.config, head, rev)

    await commit(services.ports, store, conversation, decide)


def _apology(turning: Turning, question: Question | None, error: FrontdeskError, *, now: datetime) -> Thought:
    """The thought of a turn that came to nothing."""
    head = turning.lease.head
    language = question.language if question else head.language or "en"
    covers = question.covers if question else (head.pending, head.pending)
    reason = str(error)
    return Thought(
        turn=question.turn if question else f"{turning.conversation}:{head.pending}",
        covers=(covers[0], head.pending),
        version=turning.published.version,
        began=now,
        language=language,
        steps=(Step(kind="model", name=question.request.model if question else "", ms=0.0, error=reason),),
        handover=handover.given_up(language, error),
    )
