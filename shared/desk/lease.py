"""One turn of a conversation at a time: a lease on its head, with a fence that outlives it."""

from dataclasses import dataclass
from datetime import timedelta

import msgspec

from shared.desk.commit import Change, commit
from shared.desk.services import Services
from shared.desk.to_answer import turn_alarm
from shared.domain.conversation import Head
from shared.domain.events import TurnStarted
from shared.domain.identity import digest, new_id
from shared.domain.instants import instant, stamp
from shared.domain.states import FROZEN
from shared.outbox import Intent, Publication
from shared.ports import Document
from shared.security.tenancy import TenantStore

EARLY = timedelta(milliseconds=20)
"""Clocks of two machines differ a little; an alarm this close to its time is on time."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to answer: the head as taken, and whether a turn before died on the way."""

    head: Head
    resumes: bool


async def take(
    services: Services,
    store: TenantStore,
    conversation: str,
    seq: int,
    *,
    announces: bool,
    read: Document,
    takes_over: bool = False,
) -> Lease | None:
    """The lease, or None where there is nothing to answer, it is not time yet, or another holds it.

    `read` is the head as just read. One that another holds is asked for again when it ends, or taken from
    them at once by whoever `takes_over`, being the only one who may answer: that turn begins anew.
    `announces` tells channels that show typing.
    """
    now = services.ports.clock.now()
    until = now + timedelta(seconds=services.turn_seconds)
    holder = new_id()
    resumes: list[bool] = []

    def decide(head: Head | None, _: int) -> Change | None:
        resumes.clear()
        if head is None or head.answered >= head.pending or head.state in FROZEN:
            return None
        if head.due and now + EARLY < instant(head.due) and seq < head.pending:
            return None  # an old generation: the newest message set its own alarm
        if head.lease and now + EARLY < instant(head.lease_until) and not takes_over:
            after = instant(head.lease_until) + timedelta(seconds=1)
            alarm = turn_alarm(store.tenant, conversation, head.pending, after)
            return Change(head=head, intents=[alarm])
        resumes.append(bool(head.lease) and not takes_over)
        new = msgspec.structs.replace(
            head,
            lease=holder,
            lease_until=stamp(until),
            fence=head.fence + 1,
            state="ai_processing",
            failures=head.failures + bool(head.lease),  # a lease that ran out is a turn that was not finished
        )
        started = TurnStarted(
            event_id=digest("turn-started", conversation, str(new.fence)),
            tenant=store.tenant,
            conversation=conversation,
            seq=head.pending,
        )
        intents: list[Intent] = [Publication.of(started)] if announces else []
        return Change(head=new, intents=intents)

    head = await commit(services.ports, store, conversation, decide, read=read)
    if head is None or head.lease != holder:
        return None
    return Lease(head, resumes[0])


def holds(head: Head, lease: Lease) -> bool:
    """Whether the lease is still the one in force, and no person has spoken since it was taken."""
    return head.fence == lease.head.fence and head.epoch == lease.head.epoch and head.state not in FROZEN


async def let_go(services: Services, store: TenantStore, conversation: str, lease: Lease) -> None:
    """Give up a lease whose turn will not be finished, so that the next one need not wait for its end."""

    def decide(head: Head | None, _: int) -> Change | None:
        if head is None or not holds(head, lease):
            return None
        return Change(head=msgspec.structs.replace(head, lease="", lease_until=""))

    await commit(services.ports, store, conversation, decide)
