"""The page of promised calls: who is to be called when, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from shared.console.clock_field import from_field, in_field
from shared.console.frame import Frame
from shared.console.visit import Visit
from shared.desk.callback_work import callbacks, cancel, done, reschedule
from shared.desk.services import Services
from shared.desk.wake import callbacks_key
from shared.domain.callbacks import Callback, CallbackState
from shared.domain.customers import Customer, known
from shared.domain.instants import instant

VIEWS: dict[str, CallbackState] = {
    "due": "due",
    "calling": "calling",
    "waiting": "waiting",
    "missed": "missed",
    "done": "done",
}
WORDS = {
    "due": "Call now",
    "calling": "The desk calls",
    "waiting": "Later",
    "missed": "Missed",
    "done": "Made",
}


@dataclass(frozen=True, slots=True)
class Callbacks:
    """The page and what it changes."""

    services: Services

    async def show(self, visit: Visit) -> Response:
        """GET /callbacks?view=."""
        return visit.page("console/callbacks.html", section="calls", **await self._listed(visit))

    async def events(self, visit: Visit) -> Response:
        """GET /callbacks/events: the list anew, whenever a call is promised, due or made."""

        async def draw() -> Mapping[str, str]:
            return {"callbacks": visit.draw("console/callback_rows.html", **await self._listed(visit))}

        return visit.follow([callbacks_key(visit.tenant)], draw)

    async def done(self, visit: Visit) -> Response:
        """POST /callbacks/{callback}/done."""
        await done(*self._place(visit), note=visit.form["note"], by=visit.actor)
        return await self._anew(visit, "Noted.")

    async def cancel(self, visit: Visit) -> Response:
        """POST /callbacks/{callback}/cancel."""
        await cancel(*self._place(visit), by=visit.actor)
        return await self._anew(visit, "The call is cancelled.")

    async def move(self, visit: Visit) -> Response:
        """POST /callbacks/{callback}/move: `due` is the desk's local time."""
        found = await visit.store.get(f"callbacks/{visit.request.path_params['callback']}")
        desk = str(found.data["desk"]) if found else ""
        published = await self.services.versions.published(desk)
        zone = ZoneInfo(published.config.desk.timezone if published else "UTC")
        due = from_field(visit.form["due"], zone)
        await reschedule(*self._place(visit), due=due, by=visit.actor)
        return await self._anew(visit, "The call is moved.")

    def _place(self, visit: Visit) -> tuple[Services, str, str]:
        return self.services, visit.tenant, visit.request.path_params["callback"]

    async def _anew(self, visit: Visit, toast: str) -> Response:
        return visit.fragment("console/callback_rows.html", toast=toast, **await self._listed(visit))

    async def _listed(self, visit: Visit) -> dict[str, Any]:
        view = visit.request.query_params.get("view", "due")
        view = view if view in VIEWS else "due"
        asked = visit.request.query_params.get("after") or None
        page = await callbacks(visit.store, state=VIEWS[view], cursor=asked)
        return {
            "items": page.items,
            "cursor": page.cursor,
            "view": view,
            "words": WORDS,
            "names": await self._names(visit, page.items),
            "local": await self._local(page.items),
        }

    async def _names(self, visit: Visit, items: tuple[Callback, ...]) -> dict[str, str]:
        ids = list(dict.fromkeys(one.customer for one in items))
        found = await visit.store.get_many([f"customers/{one}" for one in ids])
        people = [msgspec.convert(document.data, Customer) for document in found if document]
        return {one.id: known(one).get("name", "") for one in people}

    async def _local(self, items: tuple[Callback, ...]) -> dict[str, str]:
        """When each is due by the desk's own clock, as a field of a form has it."""
        local: dict[str, str] = {}
        for one in items:
            published = await self.services.versions.published(one.desk)
            zone = ZoneInfo(published.config.desk.timezone if published else "UTC")
            local[one.id] = in_field(instant(one.due), zone)
        return local


def routes(frame: Frame, services: Services) -> list[Route]:
    """The page at /callbacks, and what its forms do."""
    page = Callbacks(services)
    return [
        frame.get("/callbacks", page.show),
        frame.get("/callbacks/events", page.events),
        frame.post("/callbacks/{callback}/done", page.done),
        frame.post("/callbacks/{callback}/cancel", page.cancel),
        frame.post("/callbacks/{callback}/move", page.move),
    ]
