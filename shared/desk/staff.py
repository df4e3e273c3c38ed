"""Follows up on a change of who works for a tenant: nothing is lost, and what waits finds its people."""

from shared.desk.presence import give_up_all
from shared.desk.room import look_again
from shared.desk.services import Services
from shared.domain.colleagues import DESK, Actor, Colleague


async def staff_changed(services: Services, tenant: str, colleague: Colleague, by: Actor = DESK) -> None:
    """What a colleague had goes back to the queue once they are removed; with new skills they may fit more.

    Call it after the change of their document; it may be called again.
    """
    if colleague.removed:
        why = f"{colleague.name} does not work here any more"
        await give_up_all(services, tenant, colleague, why=why, by=by)
        return
    alarm = look_again(tenant, services.ports.clock.now())
    await services.ports.timers.set(alarm.name, alarm.due, alarm.handler, alarm.payload)
