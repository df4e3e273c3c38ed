"""Tickets as JSON: listed, read, and worked on by the same commands as the console's."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.api.asked import command, found, limit_of, query_of, told
from shared.api.entry import Enter, Entry
from shared.desk.services import Services
from shared.desk.ticket_list import Filter, find_ticket, tickets
from shared.desk.tickets import assign_ticket, note_ticket, raise_ticket, reopen_ticket, solve_ticket
from shared.domain.effects import Priority
from shared.domain.tickets import Ticket, TicketState

PATH = "/api/v1/tickets"


class Wanted(msgspec.Struct, kw_only=True):
    """The filters of an address; `assignee=nobody` for those that are nobody's."""

    state: TicketState | None = None
    priority: Priority | None = None
    assignee: str | None = None
    of_desk: str | None = None  # `desk` names the business where nobody signs in
    conversation: str | None = None
    late: bool | None = None


class Assignment(msgspec.Struct, forbid_unknown_fields=True):
    """To whom; empty makes it nobody's."""

    to: str = ""


class Noting(msgspec.Struct, forbid_unknown_fields=True):
    """Why, or how."""

    note: str = ""


def routes(services: Services, enter: Enter) -> list[Route]:
    """GET /api/v1/tickets?state=&priority=&assignee=&of_desk=&conversation=&late=&cursor=&limit=, GET
    /api/v1/tickets/{id}, and POST …/{id}/assign, solve, reopen, escalate, notes.
    """

    async def listed(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        wanted = query_of(request, Wanted)
        asked = Filter(
            state=wanted.state,
            priority=wanted.priority,
            assignee=wanted.assignee,
            desk=wanted.of_desk,
            conversation=wanted.conversation,
            late=wanted.late,
        )
        page = await tickets(
            services.tenant(entry.tenant),
            asked,
            cursor=request.query_params.get("cursor"),
            limit=limit_of(request),
        )
        return told({"items": page.items, "cursor": page.cursor})

    async def one(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        return told(await find_ticket(services.tenant(entry.tenant), request.path_params["ticket"]))

    async def assign(entry: Entry, request: Request, asked: Assignment) -> Ticket:
        return await assign_ticket(services, entry.tenant, _id(request), to=asked.to, by=entry.by)

    async def solve(entry: Entry, request: Request, asked: Noting) -> Ticket:
        return await solve_ticket(services, entry.tenant, _id(request), note=asked.note, by=entry.by)

    async def reopen(entry: Entry, request: Request, asked: Noting) -> Ticket:
        return await reopen_ticket(services, entry.tenant, _id(request), note=asked.note, by=entry.by)

    async def escalate(entry: Entry, request: Request, asked: Noting) -> Ticket:
        return await raise_ticket(services, entry.tenant, _id(request), note=asked.note, by=entry.by)

    async def note(entry: Entry, request: Request, asked: Noting) -> Ticket:
        return await note_ticket(services, entry.tenant, _id(request), text=asked.note, by=entry.by)

    whole = PATH + "/{ticket}"
    return [
        Route(PATH, found(listed), methods=["GET"]),
        Route(whole, found(one), methods=["GET"]),
        command(f"{whole}/assign", Assignment, assign, enter),
        command(f"{whole}/solve", Noting, solve, enter),
        command(f"{whole}/reopen", Noting, reopen, enter),
        command(f"{whole}/escalate", Noting, escalate, enter),
        command(f"{whole}/notes", Noting, note, enter),
    ]


def _id(request: Request) -> str:
    return str(request.path_params["ticket"])
