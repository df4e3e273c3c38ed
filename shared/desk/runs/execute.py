"""Begins a run and advances it at once, for somebody who waits for what it comes to."""

import asyncio
import contextlib

from shared.desk.runs.advance import advance
from shared.desk.runs.start import Wanted, start_here, start_run
from shared.desk.runs.view import find_run
from shared.desk.runs.wake import Held
from shared.desk.services import Services
from shared.domain.runs import Run
from shared.security.tenancy import TenantStore


async def execute(services: Services, tenant: str, desk: str, wanted: Wanted, *, wait: float) -> Run:
    """The run, over if that took no longer than `wait` seconds; else it goes on without whoever asked.

    Begun before under the same name, it is that run as it stands. Raises NotThere.
    """
    if wait <= 0:
        return await start_run(services, tenant, desk, wanted)
    store = services.tenant(tenant)
    run, ours = await start_here(services, tenant, desk, wanted)
    if not ours:
        return run
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wait):
            await advanced(services, store, Held(run, resumes=False))
    return await find_run(store, run.id)


async def advanced(services: Services, store: TenantStore, held: Held) -> None:
    """Advance a run until it has nothing to do for now; it goes on where whoever waits is cut short."""
    advancing = asyncio.create_task(advance(services, store, held))
    _under_way.add(advancing)
    advancing.add_done_callback(_under_way.discard)
    await asyncio.shield(advancing)


_under_way: set[asyncio.Task[None]] = set()
"""Runs that go on after whoever asked has been answered; should their process end, a timer brings them up."""
