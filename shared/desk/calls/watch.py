"""Watches a live call: whether somebody of ours carries it, and what is done where nobody does."""

from datetime import timedelta

from shared.config.schema import DeskConfig
from shared.desk.calls.alarms import watch_alarm
from shared.desk.calls.document import find_call
from shared.desk.calls.end import end
from shared.desk.calls.longest import longest
from shared.desk.calls.outlook import SOON, Look, Over, Send, outlook
from shared.desk.calls.rooms import people_in
from shared.desk.left_ticket import LeftTicket, new_ticket
from shared.desk.services import Services
from shared.domain.call_rooms import Whose
from shared.domain.calls import Call, is_live
from shared.domain.identity import digest
from shared.security.tenancy import TenantStore

TOPIC = "frontdesk.call"
"""The topic of data by which a caller's page hears what becomes of the call."""

_SPARE = timedelta(minutes=2)  # beyond the longest call, for whoever carries it to end it well


async def watch_call(services: Services, tenant: str, call: str, *, look: int = 1) -> None:
    """Look at a call, do what is to be done, and look again until it is over.

    LiveKit forgets an agent that was sent for while no worker was there, and nobody tells: so one is sent
    for anew, and where that does not help the caller is told and a ticket stands. Raises Transient where
    LiveKit does not answer.
    """
    store = services.tenant(tenant)
    held = await find_call(store, call)
    if held is None or not is_live(held):
        return
    published = await services.versions.published(held.desk)
    config, now = published.config if published else None, services.ports.clock.now()
    people = await people_in(services, held.room)
    step = outlook(held, people, now, look=look, most=longest(held, config) + _SPARE)
    match step:
        case Over():
            await over(services, store, held, step, config)
            return
        case Send(next_look, out):
            await _send(services, tenant, held, out)
            alarm = watch_alarm(tenant, call, now, SOON, look=next_look)
        case Look(after, next_look):
            alarm = watch_alarm(tenant, call, now, after, look=next_look)
    await services.ports.timers.set(alarm.name, alarm.due, alarm.handler, alarm.payload)


async def _send(services: Services, tenant: str, call: Call, out: tuple[str, ...]) -> None:
    """Send for the agent anew, unless that was done a moment ago, by whomever."""
    livekit = services.livekit()
    before = await livekit.sent_for(call.room)
    if before is not None and services.ports.clock.now() - before < SOON:
        return
    for identity in out:
        await livekit.remove(call.room, identity)
    await livekit.dispatch(call.room, Whose(tenant=tenant, desk=call.desk, call=call.id).written())


async def over(
    services: Services, store: TenantStore, call: Call, step: Over, config: DeskConfig | None
) -> None:
    """End a call nobody carries, close its room, and leave a ticket where the caller was let down."""
    ticket = _ticket(services, store.tenant, call, step, config) if step.tell and config else None
    await end(
        services,
        store,
        call.id,
        outcome=step.outcome,
        reason=step.reason,
        writes=[ticket.write] if ticket else [],
        intents=ticket.intents if ticket else (),
    )
    livekit = services.livekit()
    await livekit.tell(
        call.room, TOPIC, {"event": "ended", "outcome": step.outcome, "called_back": bool(ticket)}
    )
    await livekit.delete_room(call.room)


def _ticket(services: Services, tenant: str, call: Call, step: Over, config: DeskConfig) -> LeftTicket:
    number = f" Number: {call.contact}." if call.contact.startswith("+") else ""
    return new_ticket(
        tenant,
        config,
        id_=digest("ticket", "call", call.id)[:12],
        conversation=call.conversation,
        customer=call.customer,
        subject="Call back: a call was not answered",
        description=f"Somebody called and {step.reason}; call them back and say sorry.{number}",
        priority="urgent",
        now=services.ports.clock.now(),
    )
