"""The pages of workflows: their pictures and versions, runs begun by hand, and runs under way moved."""

import asyncio
from dataclasses import dataclass
from typing import Any, cast, get_args

from starlette.responses import Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.config.versions import Published
from shared.config.workflow_graph import shape_of
from shared.console import run_words
from shared.console.frame import Frame
from shared.console.people_named import people_named
from shared.console.run_picture import ICONS, picture
from shared.console.typed import fields_read, nested
from shared.console.visit import Visit
from shared.console.workflow_found import version_found, workflow_found
from shared.desk.commit import head_path, read_head
from shared.desk.runs.in_flight import Choice, apply, preview
from shared.desk.runs.run_list import count_under_way
from shared.desk.runs.start import Wanted, start_run
from shared.desk.runs.view import find_run
from shared.desk.services import Services
from shared.domain.errors import Permanent
from shared.domain.identity import new_id
from shared.runs.definitions import Definition, definition_id

MOST_COUNTED = 100
VERSIONS = 20
_FIELD = "input."
"""What the names of a form's fields begin with that fill the input."""


@dataclass(frozen=True, slots=True)
class WorkflowPages:
    """The pages and what they change."""

    services: Services

    async def show(self, visit: Visit) -> Response:
        """GET /workflows: every desk's; with ?conversation= as a choice of what to start in it."""
        shown: dict[str, Any] = {
            "items": [
                (
                    published,
                    definition_id(published.desk, name),
                    name,
                    workflow,
                    run_words.starts(workflow.on),
                )
                for published in await self.services.versions.running(visit.tenant)
                for name, workflow in published.config.workflows.items()
            ],
            "run": run_words,
            "conversation": visit.request.query_params.get("conversation", ""),
        }
        if visit.partial:
            return visit.fragment("console/workflow_choice.html", **shown)
        return visit.page("console/workflows.html", section="runs", view="workflows", **shown)

    async def one(self, visit: Visit) -> Response:
        """GET /workflows/{workflow}?version=: its picture, its versions, how many runs each has under way."""
        published, current = await workflow_found(self.services, visit)
        desk, name = current.desk, current.name
        asked = visit.request.query_params.get("version", "")
        chosen = await version_found(self.services, current, asked) if asked else current
        registered, versions, (counts, more) = await asyncio.gather(
            self.services.definitions.registered(visit.tenant, desk, name),
            self.services.definitions.versions(visit.tenant, desk, name, limit=VERSIONS),
            count_under_way(visit.store, desk, name, most=MOST_COUNTED),
        )
        return visit.page(
            "console/workflow.html",
            section="runs",
            **self._about(published, current),
            chosen=chosen,
            picture=picture(shape_of(chosen.workflow), {}),
            icons=ICONS,
            starts=run_words.starts(current.workflow.on),
            versions=versions,
            counts=counts,
            more=more,
            others=counts.total() - counts[current.version],
            split=registered.split,
        )

    async def ask_start(self, visit: Visit) -> Response:
        """GET /workflows/{workflow}/start?conversation=: the form a run is begun with."""
        published, current = await workflow_found(self.services, visit)
        conversation = visit.request.query_params.get("conversation", "")
        shown: dict[str, Any] = {
            **self._about(published, current),
            "fields": fields_read(current.workflow.model_dump_json()),
            "field": _FIELD,
            "conversation": conversation,
            "once": new_id(),
        }
        return self._form(visit, "console/workflow_start.html", "Start a run", **shown)

    async def start(self, visit: Visit) -> Response:
        """POST /workflows/{workflow}/start: fields `input.…`, `conversation`, `once`."""
        _, current = await workflow_found(self.services, visit)
        form, conversation = visit.form, visit.form["conversation"]
        head = read_head(await visit.store.get(head_path(conversation))) if conversation else None
        if conversation and head is None:
            raise Refused(404, "There is no such conversation any more.")
        given = {
            name.removeprefix(_FIELD): form.whole(name) for name in form.fields if name.startswith(_FIELD)
        }
        wanted = Wanted(
            workflow=current.name,
            input=nested(given),
            conversation=conversation,
            customer=head.customer if head else "",
            once=form["once"],
            by=visit.actor.id,
        )
        run = await start_run(self.services, visit.tenant, current.desk, wanted)
        return visit.go(visit.path(f"/runs/{run.id}"), toast="It is begun.")

    async def in_flight(self, visit: Visit) -> Response:
        """GET /workflows/{workflow}/under-way?version=: what another version would mean for each run."""
        published, current = await workflow_found(self.services, visit)
        to = await version_found(
            self.services, current, visit.request.query_params.get("version") or str(current.version)
        )
        seen = await preview(self.services, visit.tenant, current.desk, current.name, to.workflow)
        return visit.page(
            "console/workflow_moves.html",
            section="runs",
            **self._about(published, current),
            to=to,
            seen=[one for one in seen if one.run.version != to.version],
            people=await people_named(visit.store, [one.run.customer for one in seen]),
        )

    async def choose(self, visit: Visit) -> Response:
        """POST /workflows/{workflow}/under-way: `choice` for the runs named by `run`, and `version`."""
        _, current = await workflow_found(self.services, visit)
        to, choice = await version_found(self.services, current, visit.form["version"]), visit.form["choice"]
        runs = visit.form.all("run")
        if choice not in get_args(Choice) or not runs:
            raise Refused(422, "Choose the runs, and what is to become of them.")
        left = 0
        for run in runs:
            try:
                found = await find_run(visit.store, run)
                await apply(self.services, visit.tenant, found, cast("Choice", choice), to=to)
            except Permanent:
                left += 1
        said = {"keep": "They stay", "move": "Moved", "cancel": "Cancelled"}[choice]
        also = f"; {left} just changed, look at them again" if left else ""
        at = visit.path(f"/workflows/{current.id}/under-way?version={to.version}")
        return visit.go(at, toast=f"{said}{also}.")

    def _form(self, visit: Visit, template: str, act: str, **shown: Any) -> Response:
        if visit.partial:
            return visit.fragment(template, **shown)
        return visit.page("console/act.html", section="runs", body=template, act=act, **shown)

    def _about(self, published: Published, current: Definition) -> dict[str, Any]:
        return {"desk": published.config.desk.name, "one": current, "run": run_words}


def routes(frame: Frame, services: Services) -> list[Route]:
    """The pages at /workflows, and what their forms do."""
    pages, at = WorkflowPages(services), "/workflows/{workflow}"
    return [
        frame.get("/workflows", pages.show),
        frame.get(at, pages.one),
        frame.get(f"{at}/start", pages.ask_start),
        frame.post(f"{at}/start", pages.start),
        frame.get(f"{at}/under-way", pages.in_flight, least="supervisor"),
        frame.post(f"{at}/under-way", pages.choose, least="supervisor"),
    ]
