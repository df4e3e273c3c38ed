"""Promised calls as people work on them: listed, moved, cancelled, made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from shared import outbox
from shared.desk.callback_fact import callback_fact
from shared.desk.calls.dial import find_planned, plan, planning
from shared.desk.commit import as_data
from shared.desk.edit_document import Edited, edit_document
from shared.desk.hand_back import handed_back
from shared.desk.people_memory import memory_path
from shared.desk.retention import said_until
from shared.desk.route_handover import SEARCHED
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change
from shared.domain.callbacks import Callback, CallbackState
from shared.domain.colleagues import Actor
from shared.domain.errors import NotThere, Permanent, PreconditionFailed, Transient
from shared.domain.handovers import Handover, handover_path
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.planned_calls import PlannedCall, ended, planned_path
from shared.outbox import Alarm, Intent
from shared.ports import Put, Query, Where, Write
from shared.security.tenancy import TenantStore

MOST = 100
"""Calls in one answer."""

FARTHEST = timedelta(days=90)
"""How far ahead a call may be put."""

RACES = 10

LONGEST = 2_000
"""Characters of what came of a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """One page; `cursor` is None where nothing follows."""

    items: tuple[Callback, ...]
    cursor: str | None = None


async def callbacks(
    store: TenantStore,
    *,
    state: CallbackState | None = None,
    conversation: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Callbacks:
    """A tenant's promised calls that match, the next first."""
    asked = {"state": state, "conversation": conversation}
    where = tuple(Where(field, "==", value) for field, value in asked.items() if value is not None)
    query = Query(where=where, order=("due",), limit=min(limit, MOST), cursor=cursor)
    page = await store.query("callbacks", query)
    items = tuple(msgspec.convert(document.data, Callback) for document in page.documents)
    return Callbacks(items=items, cursor=page.cursor)


async def reschedule(services: Services, tenant: str, callback: str, *, due: datetime, by: Actor) -> Callback:
    """Move a call that is not made yet. Raises Permanent where it is over, or the time is none."""
    now = services.ports.clock.now()
    if not now < due <= now + FARTHEST:
        raise Permanent(f"a call can be put to a time from now to {FARTHEST.days} days ahead; choose another")

    def become(before: Callback, now: datetime) -> tuple[Callback, list[Intent]]:
        _check_open(before)
        after = msgspec.structs.replace(before, due=stamp(due), state="waiting", handover="")
        name = digest("callback", tenant, callback, after.due, stamp(now))
        alarm = Alarm(name, due, "ring_callback", {"tenant": tenant, "callback": callback})
        return after, [alarm]

    return await _edit(services, tenant, callback, become, what="callback.rescheduled", by=by)


async def let_desk_call(
    services: Services,
    tenant: str,
    callback: str,
    desk: str,
    *,
    purpose: str,
    number: str,
    opening: str = "",
    due: datetime | None = None,
    once: str,
    by: Actor,
) -> PlannedCall:
    """Have the desk make a call that people were to make; where it reaches nobody, it is theirs again.

    Asked again with the same `once`, it is the same call. Raises Permanent where the call is over or the
    desk's already, and where the desk may not call.
    """
    store = services.tenant(tenant)
    document = await store.get(f"callbacks/{callback}")
    customer = str(document.data["customer"]) if document else ""
    planned = await plan(
        services,
        tenant,
        desk,
        purpose=purpose,
        number=number,
        customer=customer,
        opening=opening,
        due=due,
        errand=callback,
        once=once,
        by=by,
    )
    if document is not None and document.data.get("planned") == planned.id:
        return await find_planned(store, planned.id)
    create, alarm = planning(tenant, planned)

    def become(before: Callback, _: datetime) -> tuple[Callback, list[Intent]]:
        _check_open(before)
        if before.state == "calling":
            raise Permanent("the desk is to make this call already; look at the calls it is to make")
        return msgspec.structs.replace(before, state="calling", handover="", planned=planned.id), [alarm]

    await _edit(services, tenant, callback, become, what="callback.calling", by=by, beside=(create,))
    return planned


async def cancel(services: Services, tenant: str, callback: str, *, by: Actor) -> Callback:
    """Make no call. Raises Permanent where it is over already."""

    def become(before: Callback, now: datetime) -> tuple[Callback, list[Intent]]:
        _check_open(before)
        return _over(before, now, "cancelled", by=by), []

    return await _edit(services, tenant, callback, become, what="callback.cancelled", by=by)


async def done(services: Services, tenant: str, callback: str, *, note: str = "", by: Actor) -> Callback:
    """Note that a call was made, and what came of it. Raises Permanent where it was cancelled or is done."""

    def become(before: Callback, now: datetime) -> tuple[Callback, list[Intent]]:
        _check_open(before)
        return _over(before, now, "done", by=by, note=note.strip()[:LONGEST]), []

    after = await _edit(services, tenant, callback, become, what="callback.done", by=by)
    await _answered(services, tenant, after)
    return after


def _check_open(callback: Callback) -> None:
    if callback.state in ("done", "cancelled"):
        raise Permanent(f"this call is {callback.state}; agree on a new one with the customer")


def _over(callback: Callback, now: datetime, state: CallbackState, *, by: Actor, note: str = "") -> Callback:
    return msgspec.structs.replace(callback, state=state, note=note, ended_at=stamp(now), ended_by=by.id)


async def _edit(
    services: Services,
    tenant: str,
    callback: str,
    become: Callable[[Callback, datetime], tuple[Callback, list[Intent]]],
    *,
    what: str,
    by: Actor,
    beside: Sequence[Write] = (),
) -> Callback:
    """Carry out `become` and tell it; a call that still looked for somebody gives back the word with it.

    One that the desk is to make is made by nobody else: what it has planned is called off with it.
    """
    store, path = services.tenant(tenant), f"callbacks/{callback}"
    for _ in range(RACES):
        document = await store.get(path)
        if document is None:
            raise NotThere(f"{path} is unknown; look at the list")
        before, now = msgspec.convert(document.data, Callback), services.ports.clock.now()
        after, intents = become(before, now)
        intents = [*intents, callback_fact(tenant, after, now, what=what, by=by)]
        writes = [*beside, *(await _called_off(store, before, now))]
        expires = await said_until(services, after.desk, now) if after.ended_at else None
        put = Put(path, as_data(after), version=document.version, expires=expires)
        try:
            if before.handover:
                await _let_go(services, store, before, [put, *writes], intents, by=by)
            else:
                await outbox.commit(services.ports, store, [put, *writes], intents)
        except PreconditionFailed:
            continue
        return after
    raise Transient(f"{path} is contended; nothing was changed", retry_after=1)


async def _called_off(store: TenantStore, callback: Callback, now: datetime) -> list[Write]:
    """What calls off the desk's own call that was to keep this one. Raises Permanent once it rings."""
    if callback.state != "calling" or not callback.planned:
        return []
    document = await store.get(planned_path(callback.planned))
    planned = msgspec.convert(document.data, PlannedCall) if document else None
    if document is None or planned is None or planned.ended_at:
        return []
    if planned.state == "calling":
        raise Permanent("the desk is calling them right now; hang up first, or wait until that call is over")
    off = ended(planned, "cancelled", now)
    return [Put(document.path, as_data(off), version=document.version, expires=instant(planned.until))]


async def _let_go(
    services: Services,
    store: TenantStore,
    callback: Callback,
    writes: Sequence[Write],
    intents: Sequence[Intent],
    *,
    by: Actor,
) -> None:
    """Write the call; the desk has the word again where a person was asked for it alone and none has come."""
    memory = await store.get(memory_path(callback.conversation))

    def decide(scene: Scene) -> Move:
        searched = scene.handover
        move = Move(head=scene.head)
        if searched and searched.id == callback.handover and searched.state in SEARCHED:
            move = handed_back(store.tenant, callback.conversation, scene, memory, by=by)
        return replace(move, writes=[*move.writes, *writes], intents=[*move.intents, *intents])

    await change(services, store, callback.conversation, decide, by=by)


async def _answered(services: Services, tenant: str, callback: Callback) -> None:
    """A call is the answer its handover was to have."""
    if not callback.handover:
        return

    def edit(before: Handover, now: datetime) -> Edited[Handover] | None:
        if before.first_answer_at:
            return None
        answered = msgspec.structs.replace(before, first_answer_at=stamp(now))
        return Edited(record=answered, goes_with=before.desk)

    await edit_document(services, tenant, handover_path(callback.handover), Handover, edit)
