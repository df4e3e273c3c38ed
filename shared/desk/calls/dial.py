"""Plans a call of ours to somebody: now, later, or when the hours and a line allow."""

from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from shared import outbox
from shared.config.schema import DeskConfig
from shared.desk.calls.alarms import errand_alarm, step_alarm
from shared.desk.calls.may_call import may_ring_from, number_of, refused_by, switched_off
from shared.desk.commit import as_data
from shared.desk.customers import find
from shared.desk.edit_document import Edited, edit_document
from shared.desk.retention import messages_until
from shared.desk.services import Services
from shared.domain.colleagues import DESK, Actor
from shared.domain.errors import AlreadyExists, NotThere, Permanent
from shared.domain.identity import digest, new_id
from shared.domain.instants import instant, stamp
from shared.domain.planned_calls import PlannedCall, ended, planned_path
from shared.outbox import Alarm
from shared.ports import Create
from shared.security.tenancy import TenantStore
from shared.tools.phones import read_phone

FARTHEST = timedelta(days=90)
LONGEST = 500
"""Characters of a purpose, and of an opening."""


async def dial(
    services: Services,
    tenant: str,
    desk: str,
    *,
    purpose: str,
    number: str = "",
    customer: str = "",
    opening: str = "",
    due: datetime | None = None,
    errand: str = "",
    once: str = "",
    by: Actor = DESK,
) -> PlannedCall:
    """Plan a call to a number, or to a customer's own; it rings at `due` or as soon as it may.

    Asked again with the same `once`, it is the same call. Raises Permanent, saying why, where the desk may
    not call, the person wants no calls or has no number, or LiveKit is not connected.
    """
    planned = await plan(
        services,
        tenant,
        desk,
        purpose=purpose,
        number=number,
        customer=customer,
        opening=opening,
        due=due,
        errand=errand,
        once=once,
        by=by,
    )
    store, (create, alarm) = services.tenant(tenant), planning(tenant, planned)
    try:
        await outbox.commit(services.ports, store, [create], [alarm])
    except AlreadyExists:
        return await find_planned(store, planned.id)
    return planned


async def plan(
    services: Services,
    tenant: str,
    desk: str,
    *,
    purpose: str,
    number: str = "",
    customer: str = "",
    opening: str = "",
    due: datetime | None = None,
    latest: datetime | None = None,
    errand: str = "",
    once: str = "",
    by: Actor = DESK,
) -> PlannedCall:
    """The call that `dial` would make, to be committed with what goes with it. Raises as it does.

    A call that may ring only after `latest` is none: Permanent.
    """
    services.livekit()
    store, now = services.tenant(tenant), services.ports.clock.now()
    published = await services.versions.published(desk)
    if published is None or published.tenant != tenant:
        raise NotThere(f"there is no desk {desk!r} of this business; publish it first")
    config = published.config
    _check(config, purpose, opening, due, now)
    to = await _number(store, config, number, customer)
    if refused := await refused_by(store, config, to, customer, errand=errand):
        raise Permanent(f"{to} is not called: {refused}")
    earliest = may_ring_from(config, to, max(due or now, now))
    if earliest is None:
        raise Permanent("nobody may be called within a year; mend voice.outbound.hours")
    if latest is not None and earliest > latest:
        raise Permanent(f"nobody may be called at {to} in time; let a person call, or agree on another time")
    return PlannedCall(
        id=digest("planned call", tenant, desk, once)[:26] if once else new_id(),
        desk=desk,
        number=to,
        customer=customer,
        purpose=purpose.strip(),
        opening=opening.strip(),
        errand=errand,
        due=stamp(earliest),
        created_at=stamp(now),
        by=by.id,
        until=stamp(messages_until(config, earliest)),
    )


def planning(tenant: str, planned: PlannedCall) -> tuple[Create, Alarm]:
    """What makes a planned call: its document, and the alarm of its first step."""
    create = Create(planned_path(planned.id), as_data(planned), expires=instant(planned.until))
    return create, step_alarm(tenant, planned.id, instant(planned.due))


async def cancel_planned(services: Services, tenant: str, planned: str) -> PlannedCall:
    """Make no call; what was promised is people's then. Raises NotThere, Permanent once it is under way."""

    def edit(before: PlannedCall, now: datetime) -> Edited[PlannedCall] | None:
        if before.state == "cancelled":
            return None
        if before.state != "waiting":
            raise Permanent(f"this call is {before.state}; only one that waits can be cancelled")
        after = ended(before, "cancelled", now)
        alarms = [errand_alarm(tenant, before.errand, before.id, now)] if before.errand else []
        return Edited(record=after, intents=alarms, goes_with=before.desk)

    return await edit_document(services, tenant, planned_path(planned), PlannedCall, edit)


async def call_off(services: Services, tenant: str, planned: str, *, why: str) -> None:
    """Make no other attempt after the one under way, whatever becomes of that.

    Nothing changes where it is over already, or gone. Raises Transient.
    """

    def edit(before: PlannedCall, _: datetime) -> Edited[PlannedCall] | None:
        if before.ended_at or before.called_off:
            return None
        return Edited(record=msgspec.structs.replace(before, called_off=why), goes_with=before.desk)

    with suppress(NotThere):
        await edit_document(services, tenant, planned_path(planned), PlannedCall, edit)


async def find_planned(store: TenantStore, planned: str) -> PlannedCall:
    """A planned call by its id. Raises NotThere."""
    document = await store.get(planned_path(planned))
    if document is None:
        raise NotThere(f"planned call {planned} is unknown; look at the list")
    return msgspec.convert(document.data, PlannedCall)


def _check(config: DeskConfig, purpose: str, opening: str, due: datetime | None, now: datetime) -> None:
    if off := switched_off(config):
        raise Permanent(off)
    if not purpose.strip() or len(purpose) > LONGEST or len(opening) > LONGEST:
        raise Permanent(f"say why they are called, in at most {LONGEST} characters; the opening likewise")
    if due is not None and due > now + FARTHEST:
        raise Permanent(f"a call can be planned {FARTHEST.days} days ahead; choose an earlier time")


async def _number(store: TenantStore, config: DeskConfig, number: str, customer: str) -> str:
    if customer and not (known := await find(store, customer)):
        raise NotThere(f"customer {customer} is unknown")
    told = number or (number_of(known) if customer and known else "")
    read = read_phone(told, config) if told else None
    if read is None:
        what = f"{told!r} is no telephone number" if told else "no telephone number is known of them"
        raise Permanent(f"{what}; write one with its country code, e.g. +919812345678")
    return read
