"""The bell of every page: what its reader was told lately, and what of it they did not see yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.routing import Route

from shared.console.frame import Frame
from shared.console.visit import Visit
from shared.desk.notices import look_at, notices, still_ringing
from shared.desk.services import Services

SHOWN = 30


@dataclass(frozen=True, slots=True)
class Bell:
    """What the bell's menu asks for."""

    services: Services

    async def show(self, visit: Visit) -> Response:
        """GET /notices: one's own, the newest first, as the menu lists them."""
        told = await notices(visit.store, visit.actor.id, limit=SHOWN)
        # The page's own address, not the public one that a message elsewhere needs.
        listed = [(one, urlsplit(one.link).path or visit.path("/inbox")) for one in told]
        now = self.services.ports.clock.now()
        ringing = await still_ringing(visit.store, told, now, me=visit.actor.id)
        return visit.fragment("console/notices.html", notices=listed, ringing=ringing)

    async def seen(self, visit: Visit) -> Response:
        """POST /notices/seen: each `notice` is an id that was shown."""
        await look_at(self.services, visit.tenant, visit.form.all("notice"), by=visit.actor)
        return Response(status_code=204)

    async def events(self, visit: Visit) -> Response:
        """GET /notices/events: the stream of a page that has none of its own."""

        async def nothing() -> Mapping[str, str]:
            return {}

        return visit.follow([], nothing)


def routes(frame: Frame, services: Services) -> list[Route]:
    """GET /notices and /notices/events, POST /notices/seen."""
    bell = Bell(services)
    return [
        frame.get("/notices", bell.show),
        frame.get("/notices/events", bell.events),
        frame.post("/notices/seen", bell.seen),
    ]
