"""The lines of a desk: so many calls at once and no more, however many begin together."""

import asyncio
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from shared.config.versions import Published
from shared.desk.services import Services
from shared.domain.calls import Call, call_path
from shared.domain.errors import AlreadyExists, PreconditionFailed, Transient
from shared.domain.instants import instant, stamp
from shared.ports import Create, Put
from shared.security.tenancy import TenantStore

RACES = 20

BEGINS_WITHIN = timedelta(seconds=60)
"""A line that was taken for a call which never began is free again after so long."""

ENTERS_WITHIN = timedelta(seconds=10)
"""And one of a call that began, and into whose room nobody has come: asking for many holds them no longer."""


async def take_line(
    services: Services,
    store: TenantStore,
    desk: str,
    call: str,
    most: int,
    *,
    of: Literal["out", "all"] = "out",
) -> bool:
    """Take one of a desk's lines for a call; False where all are taken. Taken twice it is one.

    `of` says which are meant: those it calls out by, or all it has. A line is free again when its call is
    over. Raises Transient where contention does not end.
    """
    path = f"lines/{desk}" if of == "out" else f"lines/{desk}.all"
    for attempt in range(RACES):
        document, now = await store.get(path), services.ports.clock.now()
        held = document.data["calls"] if document else {}
        assert isinstance(held, dict)  # noqa: S101 - written here alone
        if call not in held and len(held) >= most:  # it is not looked at before, since looking costs
            held = await _under_way(store, held, now)
            if len(held) >= most:
                return False
        data: dict[str, object] = {"shape": 1, "calls": {**held, call: stamp(now)}}
        try:
            write = Put(path, data, version=document.version) if document else Create(path, data)
            await store.commit([write])
        except (PreconditionFailed, AlreadyExists):
            await asyncio.sleep(random.uniform(0, 0.005 * 2 ** min(attempt, 6)))
            continue
        return True
    raise Transient(f"the lines of {desk} are contended; nothing was begun", retry_after=1)


async def line_of(services: Services, published: Published, call: Call) -> bool:
    """Whether a call that somebody came in by has one of the desk's lines, taken now where it holds none.

    A visitor's line is free again while nobody has come: who comes later than that, or by telephone, may find
    all of them taken. One that was begun, or that we dialled, keeps its own. Raises Transient.
    """
    if call.direction == "outbound" or call.first_word_at:
        return True
    store, most = services.tenant(published.tenant), published.config.voice.integration.max_concurrent_calls
    return await take_line(services, store, call.desk, call.id, most, of="all")


async def _under_way(store: TenantStore, held: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Those whose calls are not over."""
    calls = await store.get_many([call_path(one) for one in held])
    return {
        name: since
        for (name, since), found in zip(held.items(), calls, strict=True)
        if _holds(str(found.data["state"]) if found else "", now - instant(since))
    }


def _holds(state: str, since: timedelta) -> bool:
    if not state:
        return since < BEGINS_WITHIN
    return since < ENTERS_WITHIN if state == "waiting" else state != "ended"
