"""What a run begins with, where its document does not hold it: a file, which goes once a step was done."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import msgspec

from shared.desk.services import Services
from shared.domain.errors import Permanent
from shared.domain.identity import new_id
from shared.domain.runs import LARGEST, STATE_KEPT, Run
from shared.ports import Write
from shared.runs.state import RunState, begin
from shared.security.file_ends import file_end
from shared.security.tenancy import TenantStore

MOST = 16_000_000
"""Bytes of the state a run begins anew with: what it was given, and what its steps came to."""
UNCLAIMED = timedelta(days=1)
"""How long a file is kept that no run came to begin with."""


async def laid_aside(
    services: Services, store: TenantStore, run: str, state: Mapping[str, Any], *, most: int = LARGEST
) -> str:
    """The name of the file that a run begins with; empty for a state of no more than `most` bytes.

    Whoever writes the run commits `file_ends` with it. Raises Permanent for what is too large for a file.
    """
    raw = msgspec.json.encode(state)
    if len(raw) <= most:
        return ""
    if len(raw) > MOST:
        raise Permanent(f"run {run} has come to more than {MOST // 1_000_000} MB; begin a new one")
    name = f"{store.tenant}/runs/{run}/{new_id()}"
    await store.commit([file_end(name, services.ports.clock.now() + UNCLAIMED)])
    await services.ports.blobs.put(name, raw, "application/json")
    return name


def file_ends(before: Run | None, after: Run, now: datetime) -> list[Write]:
    """What has the file go that a run needs no more, and keeps the one that it begins with."""
    former = before.seed_at if before else ""
    if former == after.seed_at:
        return []
    ends = {former: now, after.seed_at: now + STATE_KEPT}
    return [file_end(name, until) for name, until in ends.items() if name]


async def beginning(services: Services, run: Run) -> RunState:
    """The state that a run begins with. Raises Permanent where its file is gone."""
    if not run.seed_at:
        return cast("RunState", run.seed) if run.seed else begin(run.id, run.input, run.context)
    found = await services.ports.blobs.get(run.seed_at)
    if found is None:
        raise Permanent(f"what run {run.id} was to begin with is kept no more; begin a new one")
    return cast("RunState", msgspec.json.decode(found[0]))
