"""Takes a planned call a step further: dials, waits for its hour or a line, tries again, notes its end."""

import contextlib
from datetime import datetime, timedelta

import msgspec

from shared import outbox
from shared.config.schema import DeskConfig
from shared.config.versions import Published
from shared.desk.calls.alarms import step_alarm
from shared.desk.calls.begin import Ringing, begin
from shared.desk.calls.document import find_call
from shared.desk.calls.end import end
from shared.desk.calls.lines import take_line
from shared.desk.calls.may_call import may_ring_from, refused_by, switched_off
from shared.desk.calls.promised import kept
from shared.desk.calls.ring import ring, rings
from shared.desk.commit import as_data
from shared.desk.services import Services
from shared.domain.calls import Call, is_live
from shared.domain.errors import Permanent, Transient
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.planned_calls import PlannedCall, PlannedState, ended, planned_path
from shared.outbox import Intent
from shared.ports import Document, Put
from shared.security.tenancy import TenantStore

LINE_AGAIN = timedelta(seconds=20)
"""Until it is looked again for a free line."""

EARLY = timedelta(milliseconds=20)
"""Clocks of two machines differ a little; an alarm this close to its time is on time."""


async def place_call(services: Services, tenant: str, planned: str) -> None:
    """Do whatever is next for a planned call; over or not due, it is let be.

    Raises Transient where LiveKit or the store is busy, PreconditionFailed where somebody changed it
    meanwhile; asked again, it finds what they did.
    """
    store = services.tenant(tenant)
    document = await store.get(planned_path(planned))
    if document is None:
        return
    known = msgspec.convert(document.data, PlannedCall)
    published = await services.versions.published(known.desk)
    now = services.ports.clock.now()
    if known.state == "calling":
        await _after(services, store, known, document, published)
        return
    if known.state != "waiting" or now + EARLY < instant(known.due):
        return
    await _try(services, store, known, document, published)


async def _try(
    services: Services,
    store: TenantStore,
    known: PlannedCall,
    document: Document,
    published: Published | None,
) -> None:
    now = services.ports.clock.now()
    config = published.config if published else None
    why = switched_off(config) if config else f"desk {known.desk} is not published any more"
    if config and not why:
        why = await refused_by(store, config, known.number, known.customer, errand=known.errand)
    if published is None or config is None or why:
        await _keep(services, store, document, ended(known, "refused", now, reason=why))
        return
    from_ = may_ring_from(config, known.number, now)
    if from_ is None or from_ > now:
        await _put_off(services, store, document, known, from_ or now + timedelta(days=1))
        return
    call = digest("planned call", store.tenant, known.id, str(known.attempt + 1))
    out, most = config.voice.outbound.at_once, config.voice.integration.max_concurrent_calls
    if not (
        await take_line(services, store, known.desk, call, out)
        and await take_line(services, store, known.desk, call, most, of="all")
    ):
        await _put_off(services, store, document, known, now + LINE_AGAIN)
        return
    calling = msgspec.structs.replace(
        known, state="calling", attempt=known.attempt + 1, call=call, outcome=None
    )
    await _keep(
        services, store, document, calling, [step_alarm(store.tenant, known.id, now, why=f"dial {call}")]
    )


async def _after(
    services: Services,
    store: TenantStore,
    known: PlannedCall,
    document: Document,
    published: Published | None,
) -> None:
    """Dial the attempt that is to be made, or note how the one that was made ended."""
    now, call = services.ports.clock.now(), await find_call(store, known.call)
    if published is None:
        why = f"desk {known.desk} is not published any more"
        await _keep(services, store, document, ended(known, "refused", now, reason=why))
        return
    if call is not None and not is_live(call):
        await _ended(services, store, known, document, call=call, config=published.config)
        return
    if call is not None and call.state != "dialling":
        return
    ringing = call is not None and await rings(services, published, call)
    if not ringing and (why := await _kept_from(services, store, known, document, published.config)):
        await _undo(services, store, call, why)
        return
    if call is None:
        try:
            call = await begin(services, published, _ringing(published, known))
        except Permanent as error:  # the desk has lost its voice meanwhile
            await _keep(services, store, document, ended(known, "refused", now, reason=str(error)))
            return
    await ring(services, published, call)


async def _kept_from(
    services: Services, store: TenantStore, known: PlannedCall, document: Document, config: DeskConfig
) -> str:
    """Why the attempt may not be dialled by now; it is ended then, or put off and costs none of them.

    LiveKit may have been away for hours since it was begun. Empty where it may.
    """
    now = services.ports.clock.now()
    if known.called_off:
        await _keep(services, store, document, ended(known, "cancelled", now, reason=known.called_off))
        return known.called_off
    why = switched_off(config) or await refused_by(
        store, config, known.number, known.customer, errand=known.errand
    )
    if why:
        await _keep(services, store, document, ended(known, "refused", now, reason=why))
        return why
    from_ = may_ring_from(config, known.number, now)
    if from_ is not None and from_ <= now:
        return ""
    waiting = msgspec.structs.replace(known, state="waiting", undialled=known.undialled + 1)
    await _put_off(services, store, document, waiting, from_ or now + timedelta(days=1))
    return "its hours were over before it could be dialled"


async def _undo(services: Services, store: TenantStore, call: Call | None, why: str) -> None:
    """End an attempt that was never dialled."""
    if call is not None:
        await end(services, store, call.id, outcome="refused", reason=why)
        with contextlib.suppress(Transient):  # else the sweep closes it
            await services.livekit().delete_room(call.room)


def _ringing(published: Published, known: PlannedCall) -> Ringing:
    own = published.config.channels.phone
    return Ringing(
        id=known.call,
        direction="outbound",
        account=own.numbers[0] if own and own.numbers else "",
        contact=known.number,
        room=f"call-{known.desk}-{known.call}",
        state="dialling",
        customer=known.customer,
        purpose=known.purpose,
        errand=known.errand,
        planned=known.id,
        opening=known.opening,
        attempt=known.attempt,
    )


async def _ended(
    services: Services,
    store: TenantStore,
    known: PlannedCall,
    document: Document,
    *,
    call: Call,
    config: DeskConfig,
) -> None:
    rules, now = config.voice.outbound, services.ports.clock.now()
    again = (
        call.outcome == "failed"
        or (call.outcome in ("no_answer", "busy", "abandoned") and not call.answered_at)  # else: reached
        or (call.outcome == "voicemail" and not call.message_left)
    )
    made = known.attempt - known.undialled
    told = msgspec.structs.replace(known, outcome=call.outcome, reason=call.reason)
    if again and known.called_off:
        await _keep(services, store, document, ended(told, "cancelled", now, reason=known.called_off))
        return
    if again and made < rules.attempts and rules.retry_minutes:
        pause = rules.retry_minutes[min(made, len(rules.retry_minutes)) - 1]
        waiting = msgspec.structs.replace(told, state="waiting")
        await _put_off(services, store, document, waiting, now + timedelta(minutes=pause))
        return
    state: PlannedState = "failed" if again else "refused" if call.outcome == "refused" else "done"
    await _keep(services, store, document, ended(told, state, now, reason=call.reason))


async def _put_off(
    services: Services, store: TenantStore, document: Document, known: PlannedCall, due: datetime
) -> None:
    waiting = msgspec.structs.replace(known, due=stamp(due))
    await _keep(services, store, document, waiting, [step_alarm(store.tenant, known.id, due)])


async def _keep(
    services: Services,
    store: TenantStore,
    document: Document,
    planned: PlannedCall,
    intents: list[Intent] | None = None,
) -> None:
    put = Put(document.path, as_data(planned), version=document.version, expires=instant(planned.until))
    writes, told = await kept(services, store, planned) if planned.ended_at else ((), ())
    await outbox.commit(services.ports, store, [put, *writes], [*(intents or ()), *told])
