"""Takes up runs that should be going on and which nobody has.

A delivery whose process dies again and again is set aside as dead. Its run is not: it is told of anew each
minute, until it gets further, or was cut short so often that it is parked for people. One that is on its way
already is told of once too often, which does nothing.
"""

import contextlib
from datetime import timedelta

from shared.desk.each import Each
from shared.desk.runs.alarms import due_now
from shared.desk.services import Services
from shared.domain.errors import NotThere
from shared.domain.instants import stamp
from shared.domain.runs import LISTED, read_run
from shared.ports import Query, Where

LEFT_FOR = timedelta(seconds=30)
"""How long ago a lease ran out before its run counts as left: whoever is to take it up has had time."""
_PAGE = 100


async def take_up(services: Services) -> int:
    """Tell of every tenant's runs that were left behind, a page of them a sweep; how many."""
    left = stamp(services.ports.clock.now() - LEFT_FOR)
    due = (Where("status", "==", "running"), Where("lease_until", "<=", left))
    page = await services.platform.across_tenants("runs", Query(due, ("lease_until",), _PAGE, fields=LISTED))
    each = Each()
    for document in page.documents:
        with each.one(path=document.path), contextlib.suppress(NotThere):
            _, tenant, *_ = document.path.split("/")
            run = read_run(document.data)
            told = due_now(tenant, run.id, nth=run.rev)
            await services.ports.bus.publish(told.topic, told.body)
    each.done()
    return len(page.documents)
