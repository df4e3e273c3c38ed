"""Ends a call: what became of it is kept, and its conversation closes unless a person still has it."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from shared.desk.calls.alarms import step_alarm
from shared.desk.calls.begin import conversation_of_call, told
from shared.desk.commit import Change, as_data, commit
from shared.desk.outreach.alarms import weigh_alarm
from shared.desk.outreach.rules import QUIET, weighs_silence
from shared.desk.services import Services
from shared.domain.calls import Call, CallOutcome, Figures, call_path, is_live
from shared.domain.conversation import Head
from shared.domain.errors import NotThere, PreconditionFailed, Transient
from shared.domain.instants import instant, stamp
from shared.domain.states import FROZEN
from shared.outbox import Intent
from shared.ports import Put, Query, Where, Write
from shared.security.tenancy import TenantStore

RACES = 10

WEIGHED: tuple[CallOutcome, ...] = ("completed", "abandoned", "failed")
"""Outcomes that leave a caller with nobody: what follows from their silence is weighed as after a chat."""


async def end(
    services: Services,
    store: TenantStore,
    call: str,
    *,
    outcome: CallOutcome,
    reason: str = "",
    figures: Figures | None = None,
    writes: Sequence[Write] = (),
    intents: Sequence[Intent] = (),
) -> Call:
    """The call as it ended; ended already, it stays as it was. `writes` and `intents` go with its end.

    One that was completed by the promise of another call is a `callback`. Raises NotThere, Transient.
    """
    if outcome == "completed" and await _promised(store, call):
        outcome = "callback"
    for _ in range(RACES):
        try:
            return await _end(
                services,
                store,
                call,
                outcome=outcome,
                reason=reason,
                figures=figures,
                also=(tuple(writes), tuple(intents)),
            )
        except PreconditionFailed:
            continue  # the call was written meanwhile: end it as it is now
    raise Transient(f"call {call} is contended; it was not ended", retry_after=1)


async def _end(
    services: Services,
    store: TenantStore,
    call: str,
    *,
    outcome: CallOutcome,
    reason: str,
    figures: Figures | None,
    also: tuple[tuple[Write, ...], tuple[Intent, ...]],
) -> Call:
    document = await store.get(call_path(call))
    if document is None:
        raise NotThere(f"call {call} is unknown; look at the list of calls")
    before = msgspec.convert(document.data, Call)
    if not is_live(before):
        return before
    now = services.ports.clock.now()
    after = _ended(before, outcome, reason, figures, now)
    put = Put(document.path, as_data(after), version=document.version, expires=instant(before.until))
    intents = [told(store.tenant, after, "call.ended", {"outcome": outcome}), *also[1]]
    published = await services.versions.published(before.desk)
    weighs = outcome in WEIGHED and published is not None and weighs_silence(published.config)
    if before.planned:
        intents.append(step_alarm(store.tenant, before.planned, now, why=f"ended {before.id}"))

    def decide(head: Head | None, _: int) -> Change | None:
        if head is None:
            return None
        closes = head.state not in FROZEN and head.state != "resolved"
        new = _closed(head) if closes else head
        silent = closes and weighs and head.pending
        alarms = [weigh_alarm(store.tenant, before.conversation, head.pending, now + QUIET)] if silent else []
        return Change(head=new, writes=[put, *also[0]], intents=[*intents, *alarms], why="the call ended")

    await commit(services.ports, store, before.conversation, decide)
    return after


async def _promised(store: TenantStore, call: str) -> bool:
    """Whether a call was promised during this one, and stands."""
    where = (Where("conversation", "==", conversation_of_call(call)), Where("state", "==", "waiting"))
    page = await store.query("callbacks", Query(where=where, order=("due",), limit=1))
    return bool(page.documents)


def _closed(head: Head) -> Head:
    return msgspec.structs.replace(
        head,
        state="resolved",
        answered=max(head.answered, head.pending),
        first_waiting="",
        lease="",
        lease_until="",
    )


def _ended(call: Call, outcome: CallOutcome, reason: str, figures: Figures | None, now: datetime) -> Call:
    return msgspec.structs.replace(
        call,
        state="ended",
        stage="over",
        outcome=outcome,
        reason=reason,
        ended_at=stamp(now),
        figures=figures or call.figures,
        synced_at=stamp(now),
    )
