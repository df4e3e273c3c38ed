"""Stops asking a desk's thinking that keeps failing, and lets one turn try after a rest.

Every call has a process of its own: a breaker that opens tells the calls that begin meanwhile by the store.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from shared.config.versions import Published
from shared.desk.services import Services
from shared.domain.errors import FrontdeskError
from shared.domain.instants import instant, stamp
from shared.ports import Put
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)

State = Literal["closed", "open", "half_open"]


class DeskBreaker:
    """One desk's, in this process, for all of its calls: so many failures running open it for a rest."""

    def __init__(
        self, failures: int, rest_seconds: float, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._rest = rest_seconds
        self._now = now
        self._running = 0
        self._until: float | None = None
        self._trying_until = 0.0
        self.trips = 0

    @property
    def state(self) -> State:
        """Where it stands."""
        if self._until is None:
            return "closed"
        return "open" if self._now() < self._until else "half_open"

    def admits(self) -> bool:
        """Whether to think now. After its rest one turn is let through; the others wait for its outcome."""
        state, now = self.state, self._now()
        if state == "half_open":
            if now < self._trying_until:
                return False
            # The one that tries may never tell, if its caller hangs up; so it holds the door for a rest only.
            self._trying_until = now + self._rest
        return state != "open"

    def rest(self, seconds: float) -> None:
        """It rests already, so much longer, as another process found out."""
        self._until = max(self._until or 0.0, self._now() + seconds)

    def succeeded(self) -> None:
        """It thought: close."""
        self._running, self._until, self._trying_until = 0, None, 0.0

    def failed(self) -> bool:
        """It did not; True where this opened it."""
        self._running += 1
        if self._until is None and self._running < self._most:
            return False
        tripped = self.state != "open"
        self._until, self._trying_until = self._now() + self._rest, 0.0
        self.trips += tripped
        return tripped


_OF: dict[tuple[str, str], DeskBreaker] = {}


async def breaker_of(services: Services, store: TenantStore, published: Published) -> DeskBreaker:
    """The breaker of a desk in this process, as the desk's calls in others left it."""
    integration = published.config.voice.integration
    key = published.tenant, published.desk
    if key not in _OF:
        _OF[key] = DeskBreaker(integration.breaker_failures, integration.breaker_rest_seconds)
    breaker, path, clock = _OF[key], f"rests/{published.desk}", services.ports.clock
    if (found := await store.get(path)) is not None:
        left = (instant(str(found.data["until"])) - clock.now()).total_seconds()
        if left > 0:
            breaker.rest(left)
    return breaker


async def tell_others(services: Services, store: TenantStore, published: Published) -> None:
    """Let calls that begin while the desk rests know of it. A store that is busy tells nobody."""
    seconds = published.config.voice.integration.breaker_rest_seconds
    until = services.ports.clock.now() + timedelta(seconds=seconds)
    data: dict[str, object] = {"shape": 1, "until": stamp(until)}
    try:
        await store.commit([Put(f"rests/{published.desk}", data, expires=until)])
    except FrontdeskError as error:
        log.warning("call.rest_not_told", extra={"family": type(error).__name__})
