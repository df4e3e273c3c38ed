"""The pages of tickets: what people have to look after, beside the conversation each came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.console.frame import Frame
from shared.console.visit import Visit
from shared.desk.customers import find
from shared.desk.services import Services
from shared.desk.ticket_list import Filter, find_ticket, tickets
from shared.desk.tickets import assign_ticket, note_ticket, raise_ticket, reopen_ticket, solve_ticket
from shared.desk.wake import tickets_key
from shared.domain.effects import Priority
from shared.domain.errors import Permanent
from shared.domain.tickets import Ticket, TicketState
from shared.security.staff import everyone

VIEWS = {"mine": "Mine", "open": "Nobody's", "work": "In work", "solved": "Solved", "all": "All"}
"""What a list can show, in words."""

PRIORITIES: dict[str, Priority] = {"urgent": "urgent", "high": "high", "medium": "medium", "low": "low"}
MOST = 50


@dataclass(frozen=True, slots=True)
class Tickets:
    """The pages and what they change."""

    services: Services

    async def show(self, visit: Visit) -> Response:
        """GET /tickets?view=&priority=&late=&after=: the list."""
        return visit.page("console/tickets.html", section="tickets", **await self._listed(visit))

    async def events(self, visit: Visit) -> Response:
        """GET /tickets/events: the list anew, whenever a ticket changes."""

        async def draw() -> Mapping[str, str]:
            return {"tickets": visit.draw("console/ticket_rows.html", **await self._listed(visit))}

        return visit.follow([tickets_key(visit.tenant)], draw)

    async def one(self, visit: Visit) -> Response:
        """GET /tickets/{ticket}."""
        found = await self._found(visit)
        return visit.page("console/ticket.html", section="tickets", **await self._shown(visit, found))

    async def assign(self, visit: Visit) -> Response:
        """POST /tickets/{ticket}/assign: to the colleague named by `to`, to nobody where it is empty."""
        to = visit.form["to"]
        after = await assign_ticket(*self._place(visit), to=to, by=visit.actor)
        mine = to == visit.actor.id
        said = "It is yours." if mine else "Assigned." if to else "It is nobody's now."
        return await self._anew(visit, after, said)

    async def solve(self, visit: Visit) -> Response:
        """POST /tickets/{ticket}/solve."""
        after = await solve_ticket(*self._place(visit), note=visit.form["note"], by=visit.actor)
        return await self._anew(visit, after, "Solved.")

    async def reopen(self, visit: Visit) -> Response:
        """POST /tickets/{ticket}/reopen."""
        after = await reopen_ticket(*self._place(visit), note=visit.form["note"], by=visit.actor)
        return await self._anew(visit, after, "Open again.")

    async def escalate(self, visit: Visit) -> Response:
        """POST /tickets/{ticket}/escalate: one priority higher."""
        after = await raise_ticket(*self._place(visit), note=visit.form["note"], by=visit.actor)
        return await self._anew(visit, after, f"It is {after.priority} now.")

    async def note(self, visit: Visit) -> Response:
        """POST /tickets/{ticket}/notes."""
        after = await note_ticket(*self._place(visit), text=visit.form["text"], by=visit.actor)
        return await self._anew(visit, after, "Noted.")

    def _place(self, visit: Visit) -> tuple[Services, str, str]:
        return self.services, visit.tenant, visit.request.path_params["ticket"]

    async def _found(self, visit: Visit) -> Ticket:
        try:
            return await find_ticket(visit.store, visit.request.path_params["ticket"])
        except Permanent as error:
            raise Refused(404, str(error)) from error

    async def _anew(self, visit: Visit, ticket: Ticket, toast: str) -> Response:
        shown = await self._shown(visit, ticket)
        return visit.fragment("console/ticket_body.html", toast=toast, closes="solve", **shown)

    async def _shown(self, visit: Visit, ticket: Ticket) -> dict[str, Any]:
        colleagues = [one for one in await everyone(visit.store) if not one.removed]
        return {
            "one": ticket,
            "customer": await find(visit.store, ticket.customer),
            "colleagues": colleagues,
            "names": {one.id: one.name for one in colleagues},
        }

    async def _listed(self, visit: Visit) -> dict[str, Any]:
        asked = visit.request.query_params
        view = asked.get("view", "") if asked.get("view", "") in VIEWS else "open"
        priority, late = PRIORITIES.get(asked.get("priority", "")), asked.get("late") == "1"
        wanted = _filter(view, visit.actor.id, priority, late=late)
        page = await tickets(visit.store, wanted, cursor=asked.get("after") or None, limit=MOST)
        return {
            "items": page.items,
            "cursor": page.cursor,
            "view": view,
            "views": VIEWS,
            "priorities": PRIORITIES,
            "priority": priority or "",
            "late": late,
            "names": {one.id: one.name for one in await everyone(visit.store)},
        }


def _filter(view: str, me: str, priority: Priority | None, *, late: bool) -> Filter:
    """What a view asks for; one that is mine and solved is history."""
    states: dict[str, TicketState] = {
        "mine": "in_progress",
        "open": "open",
        "work": "in_progress",
        "solved": "resolved",
    }
    return Filter(
        state=states.get(view),
        priority=priority,
        assignee=me if view == "mine" else None,
        late=True if late else None,
    )


def routes(frame: Frame, services: Services) -> list[Route]:
    """The pages at /tickets, and what their forms do."""
    page = Tickets(services)
    return [
        frame.get("/tickets", page.show),
        frame.get("/tickets/events", page.events),
        frame.get("/tickets/{ticket}", page.one),
        frame.post("/tickets/{ticket}/assign", page.assign),
        frame.post("/tickets/{ticket}/solve", page.solve),
        frame.post("/tickets/{ticket}/reopen", page.reopen),
        frame.post("/tickets/{ticket}/escalate", page.escalate),
        frame.post("/tickets/{ticket}/notes", page.note),
    ]
