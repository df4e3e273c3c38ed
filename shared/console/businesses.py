"""The businesses of this installation by name, for the switch between them."""

from datetime import datetime, timedelta

from shared.config.versions import Versions
from shared.ports import Clock

FRESH = timedelta(seconds=5)


class Businesses:
    """Which tenants have a published desk, and what each is called; at most five seconds old."""

    def __init__(self, versions: Versions, clock: Clock) -> None:
        self._versions = versions
        self._clock = clock
        self._known: tuple[datetime, dict[str, str]] | None = None

    async def names(self) -> dict[str, str]:
        """Tenant -> the business's name, by name."""
        if self._known is None or self._known[0] <= self._clock.now():
            found: dict[str, str] = {}
            for tenant, desk in await self._versions.desks():
                if tenant not in found:
                    published = await self._versions.published(desk)
                    found[tenant] = published.config.tenant.name if published else tenant
            ordered = dict(sorted(found.items(), key=lambda one: one[1].lower()))
            self._known = self._clock.now() + FRESH, ordered
        return self._known[1]
