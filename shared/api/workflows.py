"""Workflows as JSON: which there are, and a run of one begun."""

import re
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.api.asked import MOST, body_of, found, told
from shared.api.entry import Enter, Entry
from shared.api.problems import Refused
from shared.desk.commit import head_path, read_head
from shared.desk.runs.execute import execute
from shared.desk.runs.start import Wanted
from shared.desk.runs.view import shown
from shared.desk.services import Services
from shared.domain.errors import NotThere
from shared.domain.runs import MOST_GIVEN, OVER
from shared.runs.definitions import definition_id
from shared.security.tenancy import TenantStore

PATH = "/api/v1/workflows"
MOST_WAIT = 300.0
"""Seconds an answer is waited for, at most."""
_ID = re.compile(r"\w[\w.~:-]{0,199}", re.ASCII)


class Execution(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a run is begun with. `context` may name a conversation and a customer."""

    input_data: dict[str, Any] = {}
    context: dict[str, Any] = {}
    workflow_id: str = ""


def routes(services: Services, enter: Enter) -> list[Route]:
    """GET /api/v1/workflows, and POST …/execute and …/{id}/executions, which are one."""

    async def listed(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        items = [
            {
                "id": definition_id(published.desk, name),
                "desk": published.desk,
                "name": name,
                "description": workflow.description,
                "steps": len(workflow.nodes),
                "triggers": workflow.on.model_dump(mode="json", exclude_defaults=True),
            }
            for published in await services.versions.running(entry.tenant)
            for name, workflow in published.config.workflows.items()
        ]
        return told({"items": items})

    async def begin(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        asked = await body_of(request, Execution, most=MOST + MOST_GIVEN)
        named = str(request.path_params.get("workflow") or asked.workflow_id)
        desk, name = await named_workflow(services, entry.tenant, named)
        wanted = Wanted(
            workflow=name,
            input=asked.input_data,
            context=asked.context,
            conversation=await _conversation(services.tenant(entry.tenant), desk, asked),
            customer=_id_in(asked, "customer_id"),
            once=_once(request, entry),
            by=entry.by.id or entry.by.name,
        )
        wait = _wait(request, otherwise=0.0 if "workflow" in request.path_params else 30.0)
        run = await execute(services, entry.tenant, desk, wanted, wait=wait)
        body = await shown(services, services.tenant(entry.tenant), run)
        status = 200 if run.status in OVER else 202
        return JSONResponse(msgspec.to_builtins(body), status, headers={"Cache-Control": "no-store"})

    return [
        Route(PATH, found(listed), methods=["GET"]),
        Route(f"{PATH}/execute", found(begin), methods=["POST"]),
        Route(PATH + "/{workflow}/executions", found(begin), methods=["POST"]),
    ]


async def named_workflow(services: Services, tenant: str, named: str) -> tuple[str, str]:
    """Desk and name of `desk~name`, or of a name that one desk has. Raises NotThere, Refused."""
    desk, _, name = named.rpartition("~")
    has = [
        (published.desk, named_so)
        for published in await services.versions.running(tenant)
        for named_so in published.config.workflows
    ]
    matching = [one for one in has if one[1] == name and desk in ("", one[0])]
    if not matching:
        listed = ", ".join(definition_id(*one) for one in has) or "none"
        raise NotThere(f"There is no workflow {named!r}; there are: {listed}")
    if len(matching) > 1:
        listed = ", ".join(definition_id(*one) for one in matching)
        raise Refused(409, f"Several desks have the workflow {named!r}; name one of {listed}")
    return matching[0]


async def _conversation(store: TenantStore, desk: str, asked: Execution) -> str:
    """The conversation that is named. Raises Refused (422) for one of another desk."""
    named = _id_in(asked, "conversation_id")
    head = read_head(await store.get(head_path(named))) if named else None
    if head and head.desk != desk:
        raise Refused(422, f"conversation {named} is not of desk {desk!r}; name one of its own, or none.")
    return named


def _id_in(asked: Execution, name: str) -> str:
    """An id in the context; empty for none. Raises Refused (422) for what can be none."""
    named = asked.context.get(name) or ""
    if isinstance(named, str) and (not named or _ID.fullmatch(named)):
        return named
    raise Refused(422, f"context.{name} is an id: letters, digits and . _ ~ : - only.")


def _once(request: Request, entry: Entry) -> str:
    key = request.headers.get("idempotency-key", "")
    return f"{entry.by.id} {key}" if key else ""


def _wait(request: Request, *, otherwise: float) -> float:
    """Seconds the answer may be waited for. Raises Refused (422)."""
    written = request.query_params.get("wait")
    if written is None:
        return otherwise
    try:
        seconds = float(written)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MOST_WAIT:
        raise Refused(422, f"wait is a number of seconds from 0 to {MOST_WAIT:.0f}.")
    return seconds
