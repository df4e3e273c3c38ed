"""Runs as JSON: listed, read, told things, and controlled."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.api.asked import Nothing, command, found, limit_of, query_of, told
from shared.api.entry import Enter, Entry
from shared.desk.runs.again import fork, retry
from shared.desk.runs.control import cancel, pause, resume
from shared.desk.runs.run_list import runs_of
from shared.desk.runs.signal import decide_approval, signal, signal_customer
from shared.desk.runs.view import find_run, shown, summary
from shared.desk.services import Services
from shared.domain.runs import RunStatus

PATH = "/api/v1/runs"
_ONE = PATH + "/{run}"


class Wanted(msgspec.Struct, kw_only=True):
    """The filters of runs."""

    status: RunStatus | None = None
    of_desk: str | None = None
    workflow: str | None = None
    conversation: str | None = None
    customer: str | None = None
    asking: bool | None = None


class Told(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A signal and what it carries; under one `id` it is one signal."""

    name: str
    value: Any = None
    id: str = ""


class ToldAll(Told, kw_only=True, forbid_unknown_fields=True):
    """A signal to every run under way for a customer."""

    customer: str


class Decided(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a person decided."""

    approved: bool
    note: str = ""


class Cancelled(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether what was done is undone."""

    undo: bool = True


class From(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """From which step on; empty for where it failed."""

    step: str = ""


class Point(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The step before which the other run begins."""

    step: str


def routes(services: Services, enter: Enter) -> list[Route]:
    """GET /api/v1/runs, GET …/{id}, and POST …/signals, …/{id}/signals, /approvals/{step}, /cancel, /pause,
    /resume, /retry, /fork.
    """

    async def listed(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        wanted = query_of(request, Wanted)
        page = await runs_of(
            services.tenant(entry.tenant),
            limit=limit_of(request),
            cursor=request.query_params.get("cursor"),
            status=wanted.status,
            desk=wanted.of_desk,
            workflow=wanted.workflow,
            conversation=wanted.conversation,
            customer=wanted.customer,
            asking=wanted.asking,
        )
        return told({"items": [summary(run) for run in page.runs], "cursor": page.cursor})

    async def one(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        store = services.tenant(entry.tenant)
        return told(await shown(services, store, await find_run(store, _id(request))))

    async def call_off(entry: Entry, request: Request, asked: Cancelled) -> object:
        return summary(await cancel(services, entry.tenant, _id(request), undo=asked.undo))

    async def hold(entry: Entry, request: Request, _: Nothing) -> object:
        return summary(await pause(services, entry.tenant, _id(request)))

    async def go_on(entry: Entry, request: Request, _: Nothing) -> object:
        return summary(await resume(services, entry.tenant, _id(request)))

    async def again(entry: Entry, request: Request, asked: From) -> object:
        return summary(await retry(services, entry.tenant, _id(request), asked.step))

    async def other(entry: Entry, request: Request, asked: Point) -> object:
        return summary(await fork(services, entry.tenant, _id(request), asked.step))

    return [
        Route(PATH, found(listed), methods=["GET"]),
        Route(_ONE, found(one), methods=["GET"]),
        *_telling(services, enter),
        command(_ONE + "/cancel", Cancelled, call_off, enter),
        command(_ONE + "/pause", Nothing, hold, enter),
        command(_ONE + "/resume", Nothing, go_on, enter),
        command(_ONE + "/retry", From, again, enter, least="supervisor"),
        command(_ONE + "/fork", Point, other, enter, least="supervisor"),
    ]


def _telling(services: Services, enter: Enter) -> list[Route]:
    async def tell(entry: Entry, request: Request, asked: Told) -> object:
        run = await signal(services, entry.tenant, _id(request), asked.name, asked.value, once=asked.id)
        return summary(run)

    async def tell_all(entry: Entry, _: Request, asked: ToldAll) -> object:
        told_ = await signal_customer(
            services, entry.tenant, asked.customer, asked.name, asked.value, once=asked.id
        )
        return {"items": [summary(run) for run in told_]}

    async def decide(entry: Entry, request: Request, asked: Decided) -> object:
        run = await decide_approval(
            services,
            entry.tenant,
            _id(request),
            str(request.path_params["step"]),
            approved=asked.approved,
            note=asked.note,
            by=entry.by,
        )
        return summary(run)

    return [
        command(PATH + "/signals", ToldAll, tell_all, enter),
        command(_ONE + "/signals", Told, tell, enter),
        command(_ONE + "/approvals/{step}", Decided, decide, enter),
    ]


def _id(request: Request) -> str:
    return str(request.path_params["run"])
