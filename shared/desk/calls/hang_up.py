"""Ends a call because a colleague says so."""

from datetime import timedelta

from shared.desk.calls.alarms import watch_alarm
from shared.desk.calls.dial import call_off
from shared.desk.calls.end import end
from shared.desk.calls.outlook import LAST, left_as
from shared.desk.calls.tokens import live_call
from shared.desk.services import Services
from shared.domain.calls import Call
from shared.domain.colleagues import Actor

GIVEN = timedelta(seconds=5)
"""Whoever carries the call has so long to write down how it was."""


async def hang_up(services: Services, tenant: str, call: str, *, by: Actor) -> Call:
    """Put everybody out of a call; the call as it then is. Whom we called is not called again.

    One that a job carries ends a moment later, with its figures. Raises NotThere, Permanent where it is
    over, NotConnected, Transient.
    """
    live = await live_call(services, tenant, call)
    reason = f"{by.name or 'a colleague'} ended it"
    if live.planned:  # first, since the end of an attempt begins the next
        await call_off(services, tenant, live.planned, why=reason)
    await services.livekit().delete_room(live.room)
    rings = live.state == "dialling"
    if live.job and not rings:
        alarm = watch_alarm(tenant, call, services.ports.clock.now(), GIVEN, look=LAST)
        await services.ports.timers.set(alarm.name, alarm.due, alarm.handler, alarm.payload)
        return live
    outcome = "no_answer" if rings else left_as(live)
    return await end(services, services.tenant(tenant), call, outcome=outcome, reason=reason)
