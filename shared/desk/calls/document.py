"""A call's document: read, changed by whoever carries the call, and shown to whoever watches."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from shared.desk.commit import as_data, hint
from shared.desk.edit_document import Edited, edit_document
from shared.desk.services import Services
from shared.desk.wake import calls_key, wake
from shared.domain.calls import AgentTransition, Call, TierChange, call_path
from shared.domain.errors import Contested
from shared.domain.instants import instant, stamp
from shared.outbox import Intent
from shared.ports import Create, Write
from shared.security.tenancy import TenantStore


def call_write(call: Call) -> Create:
    """The write that makes a call's document."""
    return Create(call_path(call.id), as_data(call), expires=instant(call.until))


async def find_call(store: TenantStore, call: str) -> Call | None:
    """A call by its id, or None."""
    document = await store.get(call_path(call))
    return msgspec.convert(document.data, Call) if document else None


async def edit_call(
    services: Services,
    tenant: str,
    call: str,
    edit: Callable[[Call, datetime], Call | None],
    *,
    generation: int | None = None,
    writes: Sequence[Write] = (),
    intents: Sequence[Intent] = (),
) -> Call:
    """Carry out `edit`; the call as it then is, also where it wants nothing changed. Watchers are woken.

    `generation` is that of the job that carries it. Raises Contested where another job has it by now,
    NotThere where there is no such call, Transient when contention does not end.
    """
    points = set[tuple[str, ...]]()

    def edited(before: Call, now: datetime) -> Edited[Call] | None:
        if generation is not None and before.generation != generation:
            raise Contested(f"another job carries call {call} now; this one lets go")
        wanted = edit(before, now)
        if wanted is None:
            return None
        kept = msgspec.structs.replace(wanted, synced_at=stamp(now))
        points.clear()
        points.update((_point(before), _point(kept)))
        return Edited(record=kept, writes=writes, intents=intents, goes_with=before.desk)

    after = await edit_document(services, tenant, call_path(call), Call, edited)
    await hint(services.ports, services.tenant(tenant), after.conversation)
    if len(points) > 1:
        await wake(services.ports, calls_key(tenant))
    return after


def _point(call: Call) -> tuple[str, ...]:
    """What a list of calls shows of one."""
    return call.state, call.mode, call.level, call.tier, call.agent, call.stage, call.answered_at


def transition_write(call: Call, transition: AgentTransition) -> Create:
    """The write that keeps a change of who speaks; the call's own `transitions` counts them."""
    path = f"{call_path(call.id)}/agent_transitions/{transition.n:06d}"
    return Create(path, as_data(transition), expires=instant(call.until))


def tier_write(call: Call, change: TierChange) -> Create:
    """The write that keeps a change of the voice's level; the call's own `escalations` counts them."""
    path = f"{call_path(call.id)}/tier_changes/{change.n:06d}"
    return Create(path, as_data(change), expires=instant(call.until))
