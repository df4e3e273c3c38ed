"""Records what a customer wrote, once, and arranges for an answer."""

import asyncio
import logging
import random
from datetime import datetime, timedelta

import msgspec

from shared.config.versions import Published
from shared.desk import consent, customers
from shared.desk.commit import Change, adding, as_data, commit, head_path, read_head
from shared.desk.early import early_path, told_again
from shared.desk.outreach.heard import answer_to, taken
from shared.desk.owner import at_its_desk
from shared.desk.ready import reply_ready
from shared.desk.retention import messages_until, receipts_until
from shared.desk.runs.alarms import due_now
from shared.desk.runs.elsewhere import asked_elsewhere
from shared.desk.runs.replies import taken_by_a_run
from shared.desk.services import Services
from shared.desk.spoke_first import begun_by_people, spoke_first_path
from shared.desk.to_answer import to_answer, turn_alarm
from shared.desk.whose import aliases, conversation_of, ids_of
from shared.domain.conversation import Head, Message
from shared.domain.errors import AlreadyExists, PreconditionFailed, Transient
from shared.domain.events import MediaWaiting, MessageReceived
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.states import FROZEN
from shared.outbox import Intent, Publication
from shared.ports import Create, Write
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)

SEEN_FOR = timedelta(days=30)
"""How long an event is known to have been recorded; vendors repeat for a week at most."""

FETCHING = timedelta(seconds=2)
"""How much longer an answer waits where files have to be fetched first."""

RACES = 10


async def park(services: Services, event: MessageReceived) -> None:
    """Keep a message that belongs to no desk, for the agency to look at."""
    document = {"shape": 1, "event": as_data(event), "reason": "no desk has this account"}
    kept = await services.platform.create(
        f"parked/{digest(event.event_id)}", document, expires=services.ports.clock.now() + SEEN_FOR
    )
    if kept:
        log.warning("message.parked", extra={"channel": event.channel, "account": event.account})


async def record_message(services: Services, event: MessageReceived) -> None:
    """Store the message under the next sequence and set the turn's alarm, in one commit.

    Told twice, it changes nothing the second time, but sets the alarm again where the message still
    waits. A message for an account no desk has is parked. Raises Transient where the store is busy.
    """
    found = await at_its_desk(services, event)
    if found is None:
        await park(services, event)
        return
    event, (tenant, desk) = found
    published = await services.versions.published(desk)
    if published is None:
        await park(services, event)
        return
    store = services.tenant(tenant)
    ids = ids_of(event.sender)
    conversation = await conversation_of(store, desk, event.channel, event.account, ids)
    for _ in range(RACES):
        try:
            await _record(services, store, published, conversation, event)
        except AlreadyExists as twice:
            if twice.path.endswith(_seen(event)):
                await _arm_again(services, store, conversation)
                return
            # another message made the customer first: read them and go on
        except PreconditionFailed:
            pass
        else:
            return
        await asyncio.sleep(random.uniform(0, 0.02))
    raise Transient(f"the customer of {conversation} is contended; nothing was recorded", retry_after=1)


def _seen(event: MessageReceived) -> str:
    return f"seen/{digest(event.event_id)}"


async def _record(
    services: Services, store: TenantStore, published: Published, conversation: str, event: MessageReceived
) -> None:
    now = services.ports.clock.now()
    path = head_path(conversation)
    (customer, found), early = await asyncio.gather(
        customers.recognise(store, event, now, path),
        store.get(early_path(event.channel, event.account, event.message_id)),
    )
    overtaken, retold = told_again(early)
    answer = await answer_to(store, published.config, conversation, read_head(found), event, now)
    # A wish about being written to, and what wants no answer, is never left to a run alone.
    own = not customer.wish and event.content.wants_answer
    taker = await taken_by_a_run(store, read_head(found), event.content) if own else ""
    elsewhere = (
        await asked_elsewhere(
            store,
            published.desk,
            conversation,
            read_head(found),
            awaiting=customer.before.awaiting,
            content=event.content,
        )
        if own and not taker and answer is None
        else None
    )
    spoken = None if found else await store.get(spoke_first_path(conversation))
    seen = Create(_seen(event), {"shape": 1, "conversation": conversation}, expires=now + SEEN_FOR)

    def decide(head: Head | None, rev: int) -> Change:
        begun, before, told = head, list[Write](), list[Intent]()
        if head is None:
            head = Head(
                desk=published.desk,
                channel=event.channel,
                account=event.account,
                contact=event.sender.id,
                customer=customer.id,
                created_at=stamp(now),
            )
            head, before, told = begun_by_people(head, spoken, stamp(now))
        seq = head.last + 1
        message = Message(
            seq=seq,
            author="customer",
            status="received",
            at=stamp(now),
            until=stamp(messages_until(published.config, now)),
            content=event.content,
            public_id=event.message_id,
            provider_id=event.message_id,
            provider_at=event.at or stamp(now),
            born=rev,
            rev=rev,
        )
        writes: list[Write] = [
            seen,
            adding(conversation, message),
            Create(
                provider_path(event.channel, event.account, event.message_id),
                {"shape": 1, "conversation": conversation, "seq": seq},
                expires=now + SEEN_FOR,
            ),
            *customer.writes,
            *overtaken,
            *before,
        ]
        if not head.last_inbound_at:  # the first they write, though the desk may have spoken first
            ids = ids_of(event.sender)
            writes += aliases(conversation, published.desk, event.channel, event.account, ids)
        new = msgspec.structs.replace(
            head,
            last=seq,
            customer=customer.id,
            last_inbound_at=max(head.last_inbound_at, event.at or stamp(now)),
            state="new" if head.state == "resolved" else head.state,
            unread=head.unread + 1,
            asked="",
            snoozed_until="",
        )
        intents = [*retold, *told, *_media_intents(store.tenant, conversation, seq, event)]
        away = elsewhere if head.state not in FROZEN and not head.answering else None
        alone = (taker in head.awaiting and head.state not in FROZEN) or bool(away and away.alone)
        intents += [
            due_now(store.tenant, run, nth=0, seq=seq, alone=alone and run == taker) for run in head.awaiting
        ]
        intents += [away.told(store.tenant, conversation, seq)] if away else []
        if head.parked and customer.wish != "none":
            # Their writing opens the window, and the line is being looked after by now.
            intents.append(Publication.of(reply_ready(store, conversation, head.parked)))
            new = msgspec.structs.replace(new, parked=())
        why = "the customer wrote again" if head.state == "resolved" else ""
        why = "typed on the business's own phone before" if before else why
        until = receipts_until(published.config, now)
        heard = customer.wish and consent.heeded(
            customer.wish,
            event,
            config=published.config,
            before=customer.before,
            was=begun,
            head=new,
            rev=rev,
            now=now,
        )
        if heard:
            new, said = heard
            if said:
                writes.append(adding(conversation, said))
                intents.append(Publication.of(reply_ready(store, conversation, (said.seq,))))
            return Change(head=new, writes=writes, intents=intents, why=why, told_until=until)
        kept, facts, whole = taken(None if alone else answer, head, store.tenant)
        writes += kept
        intents += facts
        if alone or whole or not event.content.wants_answer:
            return Change(head=new, writes=writes, intents=intents, why=why, told_until=until)
        due = _due(published, event, now, instant(head.first_waiting or stamp(now)))
        new, alarms = to_answer(published.config, store.tenant, conversation, new, seq=seq, due=due, now=now)
        return Change(head=new, writes=writes, intents=[*intents, *alarms], why=why, told_until=until)

    await commit(services.ports, store, conversation, decide, read=found)


def provider_path(channel: str, account: str, message_id: str) -> str:
    """Where a vendor's message id leads to the message it names."""
    return f"provider_ids/{digest(channel, account, message_id)}"


def _media_intents(tenant: str, conversation: str, seq: int, event: MessageReceived) -> list[Intent]:
    """The fetching of files that are still at the vendor."""
    if all(attachment.blob for attachment in event.content.attachments):
        return []
    name = digest("media-waiting", event.event_id)
    waiting = MediaWaiting(event_id=name, tenant=tenant, conversation=conversation, seq=seq)
    return [Publication.of(waiting)]


def _due(published: Published, event: MessageReceived, now: datetime, waiting: datetime) -> datetime:
    """When to answer: after a pause in the burst, but never later than the most a customer waits."""
    if event.content.choice is not None:
        return now  # a tapped button is a whole thought
    behavior = published.config.behavior
    quiet = now + timedelta(seconds=behavior.debounce_seconds)
    if event.content.attachments:
        quiet += FETCHING
    return max(now, min(quiet, waiting + timedelta(seconds=behavior.debounce_max_seconds)))


async def _arm_again(services: Services, store: TenantStore, conversation: str) -> None:
    """A repeat of a message that still waits sets its alarm anew, in case the first never was."""

    def decide(head: Head | None, _: int) -> Change | None:
        if head is None or head.answered >= head.pending or head.state in FROZEN:
            return None
        now = services.ports.clock.now()
        due = max(now, instant(head.due)) if head.due else now
        alarm = turn_alarm(store.tenant, conversation, head.pending, due)
        return Change(head=head, intents=[alarm])

    await commit(services.ports, store, conversation, decide)
