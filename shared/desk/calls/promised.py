"""Promised calls that the desk makes itself, where its file says so; where it reaches nobody, people do."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from shared import outbox
from shared.config.schema import DeskConfig
from shared.desk.callback_fact import callback_fact
from shared.desk.calls.alarms import errand_alarm
from shared.desk.calls.dial import plan, planning
from shared.desk.commit import as_data
from shared.desk.retention import said_until
from shared.desk.services import Services
from shared.domain.callbacks import Callback
from shared.domain.errors import Permanent
from shared.domain.instants import stamp
from shared.domain.planned_calls import PlannedCall
from shared.outbox import Intent
from shared.ports import Document, Put, Write
from shared.security.tenancy import TenantStore

LATE = timedelta(minutes=10)
"""A promised call that the desk could only make later than this is people's."""


async def called_by_desk(
    services: Services, tenant: str, promised: Callback, document: Document, config: DeskConfig
) -> bool:
    """Have the desk make a promised call that is due; False where people are to.

    Raises PreconditionFailed where somebody changed it meanwhile.
    """
    rules = config.voice.outbound
    if not (rules.enabled and rules.callbacks == "desk"):
        return False
    now = services.ports.clock.now()
    try:
        planned = await plan(
            services,
            tenant,
            promised.desk,
            number=promised.phone,
            customer=promised.customer,
            purpose=f"The call we promised them: {promised.about}"[:500],
            latest=now + LATE,
            errand=promised.id,
            once=f"callback {promised.id} {promised.due}",
        )
    except Permanent:  # it may not call, or not in time, or LiveKit is not connected
        return False
    calling = msgspec.structs.replace(promised, state="calling", planned=planned.id)
    put = Put(document.path, as_data(calling), version=document.version)
    create, alarm = planning(tenant, planned)
    told = callback_fact(tenant, calling, now, what="callback.calling")
    await outbox.commit(services.ports, services.tenant(tenant), [put, create], [alarm, told])
    return True


async def kept(
    services: Services, store: TenantStore, planned: PlannedCall
) -> tuple[Sequence[Write], Sequence[Intent]]:
    """What goes with the end of a planned call that a promise asked for: it is kept, or people's now."""
    document = await store.get(f"callbacks/{planned.errand}") if planned.errand else None
    promised = msgspec.convert(document.data, Callback) if document else None
    if document is None or promised is None or promised.state != "calling":
        return (), ()
    now = services.ports.clock.now()
    if planned.state == "done":
        note = f"The desk called: {planned.outcome or 'done'}. {planned.reason}".strip()
        over = msgspec.structs.replace(promised, state="done", note=note, ended_at=stamp(now))
        told = callback_fact(store.tenant, over, now, what="callback.done")
        expires = await said_until(services, promised.desk, now)
        return [Put(document.path, as_data(over), version=document.version, expires=expires)], [told]
    return (), [errand_alarm(store.tenant, promised.id, planned.id, now)]
