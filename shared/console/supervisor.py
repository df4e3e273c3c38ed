"""The supervisor's page: who waits, how long, which promises are at risk, and who is there to help."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.console.frame import Frame
from shared.console.visit import Visit
from shared.desk.assign import assign
from shared.desk.calls.call_list import Filter, calls
from shared.desk.inbox_hint import inbox_key
from shared.desk.proposals import proposals
from shared.desk.queues import figures
from shared.desk.services import Services
from shared.desk.wake import calls_key, colleagues_key, tickets_key
from shared.domain.customers import Customer, known
from shared.domain.handovers import Handover, handover_path, is_open
from shared.ports import Where

SHOWN = 50
"""Conversations of a list at most; the figures count all."""


@dataclass(frozen=True, slots=True)
class Supervisor:
    """The page and what it changes."""

    services: Services

    async def show(self, visit: Visit) -> Response:
        """GET /supervisor."""
        return visit.page("console/supervisor.html", section="supervisor", **await self._shown(visit))

    async def now(self, visit: Visit) -> Response:
        """GET /supervisor/now: the figures alone, for time passes without anything happening."""
        return visit.fragment("console/supervisor_figures.html", **await self._shown(visit))

    async def events(self, visit: Visit) -> Response:
        """GET /supervisor/events: the figures, whenever what they count changes."""

        async def draw() -> Mapping[str, str]:
            return {"figures": visit.draw("console/supervisor_figures.html", **await self._shown(visit))}

        tenant = visit.tenant
        keys = [inbox_key(tenant), calls_key(tenant), colleagues_key(tenant), tickets_key(tenant)]
        return visit.follow(keys, draw)

    async def ask(self, visit: Visit) -> Response:
        """GET /supervisor/assign/{handover}: who could take a conversation."""
        found = await self._handover(visit)
        now = await figures(visit.store, self.services.ports.clock)
        names = await self._names(visit, [found.customer])
        name = names.get(found.customer, "")
        return visit.fragment("console/assign_form.html", one=found, name=name, posts=now.posts)

    async def assign(self, visit: Visit) -> Response:
        """POST /supervisor/assign/{handover}."""
        found, to = await self._handover(visit), visit.form["to"]
        await assign(self.services, visit.tenant, found.conversation, to=to, by=visit.actor)
        said = "Assigned." if to else "It waits in the queue again."
        shown = await self._shown(visit)
        return visit.fragment("console/supervisor_figures.html", toast=said, closes="assign", **shown)

    async def _handover(self, visit: Visit) -> Handover:
        document = await visit.store.get(handover_path(visit.request.path_params["handover"]))
        found = msgspec.convert(document.data, Handover) if document else None
        if found is None or not is_open(found):
            raise Refused(404, "Nobody is asked for there any more; look at the list again.")
        return found

    async def _shown(self, visit: Visit) -> dict[str, Any]:
        now = await figures(visit.store, self.services.ports.clock)
        waiting, active = now.waiting[:SHOWN], now.active[:SHOWN]
        late = await visit.store.count("tickets", (Where("late", "==", True), Where("solved_at", "==", "")))
        live = (await calls(visit.store, Filter(live=True), limit=100)).items
        learned = await proposals(self.services, visit.tenant, state="proposed")
        return {
            "now": now,
            "waiting": waiting,
            "active": active,
            "longest": spelled(max((one.waited for one in now.waiting), default=0.0)),
            "risky": sum(one.at_risk or one.late for one in (*now.waiting, *now.active)),
            "there": sum(post.there for post in now.posts),
            "away": any(not post.there for post in now.posts if post.colleague.id == visit.actor.id),
            "room": sum(
                max(0, one.colleague.capacity - len(one.colleague.holding)) for one in now.posts if one.there
            ),
            "calls": len(live),
            "calls_waiting": sum(one.state in ("waiting", "transferring") for one in live),
            "calls_with_people": sum(one.state == "with_person" for one in live),
            "late_tickets": late,
            "proposed": len(learned.items),
            "spelled": spelled,
            "customers": await self._names(visit, [one.handover.customer for one in (*waiting, *active)]),
            "names": {post.colleague.id: post.colleague.name for post in now.posts},
        }

    async def _names(self, visit: Visit, customers: Iterable[str]) -> dict[str, str]:
        ids = list(dict.fromkeys(customers))
        found = await visit.store.get_many([f"customers/{one}" for one in ids]) if ids else []
        people = [msgspec.convert(document.data, Customer) for document in found if document]
        return {one.id: known(one).get("name") or one.phone or "" for one in people}


def spelled(seconds: float) -> str:
    """A length of time as a person reads it at a glance."""
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 1:
        return f"{rest} s"
    hours, left = divmod(minutes, 60)
    if hours < 1:
        return f"{minutes} min"
    days, over = divmod(hours, 24)
    return f"{days} d {over} h" if days else f"{hours} h {left:02d}"


def routes(frame: Frame, services: Services) -> list[Route]:
    """The page at /supervisor, and what it changes."""
    page = Supervisor(services)
    return [
        frame.get("/supervisor", page.show, least="supervisor"),
        frame.get("/supervisor/now", page.now, least="supervisor"),
        frame.get("/supervisor/events", page.events, least="supervisor"),
        frame.get("/supervisor/assign/{handover}", page.ask, least="supervisor"),
        frame.post("/supervisor/assign/{handover}", page.assign, least="supervisor"),
    ]
