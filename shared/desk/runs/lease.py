"""A run is its advancer's alone for moments, renewed while a step works, so that a death is soon seen."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec

from shared.desk.runs.change import RunChange, change
from shared.desk.services import Services
from shared.domain.errors import FrontdeskError
from shared.domain.instants import stamp
from shared.domain.runs import OVER, Run
from shared.security.tenancy import TenantStore

LEASE = 15.0
"""Seconds a run is its advancer's from each renewal on; after a death others wait this long."""
_RENEWALS = 3
"""Renewals within a lease: two may be lost before it ends."""


def leased(services: Services) -> timedelta:
    """How long a run is its advancer's alone, unless that is renewed."""
    return timedelta(seconds=min(LEASE, services.run_seconds))


@contextlib.asynccontextmanager
async def kept(
    services: Services, store: TenantStore, run: Run, limit: asyncio.Timeout
) -> AsyncIterator[None]:
    """Renew the lease of a run while the block works; `limit` ends at once where another has it."""
    renewing = asyncio.create_task(_renew(services, store, run, limit))
    try:
        yield
    finally:
        renewing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await renewing


async def _renew(services: Services, store: TenantStore, run: Run, limit: asyncio.Timeout) -> None:
    def decide(found: Run) -> RunChange | None:
        if found.fence != run.fence or found.status in OVER:
            return None
        until = stamp(services.ports.clock.now() + leased(services))
        return RunChange(run=msgspec.structs.replace(found, lease_until=until))

    while True:
        await asyncio.sleep(leased(services).total_seconds() / _RENEWALS)
        with contextlib.suppress(FrontdeskError):  # the next one may be in time
            if await change(services, store, run.id, decide) is None:
                limit.reschedule(asyncio.get_running_loop().time())
                return
