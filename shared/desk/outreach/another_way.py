"""Has said by the next way what failed for good by the last one: each way once, nobody twice."""

from datetime import datetime

import msgspec

from shared import outbox
from shared.desk.commit import as_data, hint, message_path, read_message
from shared.desk.outreach.alarms import reach_alarm
from shared.desk.outreach.reach import step
from shared.desk.services import Services
from shared.domain.conversation import Message
from shared.domain.errors import PreconditionFailed, Transient
from shared.domain.events import Failure, Happened
from shared.domain.instants import instant, stamp
from shared.domain.outreach import FailedWay, Outreach, outreach_path, over
from shared.ports import Put
from shared.security.tenancy import TenantStore


async def another_way(services: Services, event: Happened) -> None:
    """Try the next way for the outreach whose message failed; told twice, it is tried once.

    A message that says no outreach is left to people. Raises Transient where the store is busy.
    """
    store, seq = services.tenant(event.tenant), int(str(event.data.get("seq", 0)))
    read = await store.get(message_path(event.conversation, seq)) if event.conversation else None
    name = read_message(read).outreach if read else ""
    document = await store.get(outreach_path(name)) if name else None
    known = msgspec.convert(document.data, Outreach) if document else None
    if document is None or known is None or known.conversation != event.conversation:
        return
    failure = await failure_of(store, known)
    if known.state != "sent" or failure is None:
        return
    after = _after(known, failure, services.ports.clock.now())
    waits = after.state == "waiting"
    put = Put(document.path, as_data(after), version=document.version, expires=instant(known.until))
    alarms = [reach_alarm(store.tenant, after)] if waits else []
    try:
        await outbox.commit(services.ports, store, [put], alarms)
    except PreconditionFailed as raced:
        raise Transient(f"outreach {known.id} was changed meanwhile; look again", retry_after=1) from raced
    if waits:
        await step(services, event.tenant, known.id)
    await hint(services.ports, store, known.conversation)  # its timeline tells where it went


async def failure_of(store: TenantStore, outreach: Outreach) -> Failure | None:
    """Why what was said failed for good, where all of it did; None where a part may have arrived, where it
    waits for the customer, and where they said STOP, which is meant for every way.
    """
    seqs = range(outreach.seq - outreach.pieces + 1, outreach.seq + 1)
    found = await store.get_many([message_path(outreach.conversation, seq) for seq in seqs])
    pieces = [read_message(one) for one in found if one]
    if len(pieces) < len(seqs) or not all(map(_lost, pieces)):
        return None
    return pieces[-1].failure or Failure(code="unknown")


def _lost(message: Message) -> bool:
    failure = message.failure
    waits = failure is not None and (failure.opted_out or failure.action == "template")
    return message.status == "failed" and not waits


def _after(known: Outreach, failure: Failure, now: datetime) -> Outreach:
    """The outreach as it is to be tried by the ways that are left; over, where it is too late for that."""
    assert known.channel is not None  # noqa: S101 - of what was said, there is one
    why = failure.title or failure.code
    failed = FailedWay(channel=known.channel, conversation=known.conversation, seq=known.seq, why=why)
    told = f"it failed by {known.channel}"
    tried = msgspec.structs.replace(
        known,
        failed=(*known.failed, failed),
        means=None,
        channel=None,
        conversation="",
        seq=0,
        pieces=1,
        cost=0.0,
        estimated=False,
    )
    if now > instant(known.give_up):
        return over(tried, "refused", now, f"{told}, and it was too late for another way")
    return msgspec.structs.replace(tried, state="waiting", due=stamp(now), reason=told, ended_at="")
