"""How agents fare, from what they did lately: how often they failed, and how long they took."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from shared.agents.executions import Execution, executions
from shared.security.tenancy import TenantStore


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How an agent fared lately; of one that did nothing lately there is nothing to say against it."""

    executions: int = 0
    error_rate: float = 0.0  # 0..1
    avg_latency_ms: float = 0.0
    p95_latency_ms: float = 0.0
    is_healthy: bool = True


WINDOW = timedelta(minutes=15)
"""How far back an agent's health looks."""
_FEWEST = 5  # executions from which on failures say something
_MOST_FAILED = 0.5
_LOOKED_AT = 30
_OWN_FAULT = frozenset({"", "budget", "leave", "unknown"})  # troubles that say nothing of an agent's health


def health_of(last: Sequence[Execution], *, seconds: float) -> Health:
    """The health that executions show; `seconds` is how long one may take."""
    if not last:
        return Health()
    times = sorted(one.ms for one in last)
    failed = sum(not one.success and one.trouble not in _OWN_FAULT for one in last)
    rate, average = failed / len(last), sum(times) / len(times)
    well = len(last) < _FEWEST or (rate < _MOST_FAILED and average < seconds * 1000)
    return Health(
        executions=len(last),
        error_rate=round(rate, 3),
        avg_latency_ms=round(average, 1),
        p95_latency_ms=round(times[min(len(times) - 1, int(len(times) * 0.95))], 1),
        is_healthy=well,
    )


async def health(store: TenantStore, desk: str, agent: str, now: datetime, *, seconds: float) -> Health:
    """How a desk's agent fared in the last quarter of an hour."""
    last = await executions(store, desk, agent, since=now - WINDOW, limit=_LOOKED_AT)
    return health_of(last, seconds=seconds)
