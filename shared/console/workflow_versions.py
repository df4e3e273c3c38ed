"""The versions of a workflow: who published each and what its runs came to, two held against each other, and
how new runs are shared among them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.config.comparison import compare_workflows
from shared.console import run_words
from shared.console.form import Form
from shared.console.frame import Frame
from shared.console.visit import Visit
from shared.console.workflow_found import version_found, workflow_found
from shared.desk.runs.outcomes import outcomes, sides
from shared.desk.services import Services

NEWEST = 10
_FIELD = "share-"
"""What the names of a form's fields begin with that say a version's share."""
ORIGINS = {
    "file": "From the file",
    "console": "Written in the console",
    "rollback": "Rolled back",
    "learned": "Learned from a conversation",
    "api": "From the API",
}


@dataclass(frozen=True, slots=True)
class WorkflowVersions:
    """The pages and what they change."""

    services: Services

    async def show(self, visit: Visit) -> Response:
        """GET /workflows/{workflow}/versions: the newest versions, and the split where there is one."""
        _, one = await workflow_found(self.services, visit)
        place = visit.tenant, one.desk, one.name
        versions = await self.services.definitions.versions(*place, limit=NEWEST)
        numbers = [int(str(each["number"])) for each in versions]
        registered = await self.services.definitions.registered(*place)
        came_to = await outcomes(visit.store, one.desk, one.name, numbers)
        return visit.page(
            "console/workflow_versions.html",
            section="runs",
            one=one,
            run=run_words,
            origins=ORIGINS,
            versions=list(zip(versions, came_to, strict=True)),
            older=registered.latest > len(versions),
            split=await sides(visit.store, one.desk, one.name, registered),
            numbers=sorted({*numbers, *registered.split}, reverse=True),
            field=_FIELD,
        )

    async def difference(self, visit: Visit) -> Response:
        """GET /workflows/{workflow}/difference?before=&after=: what one has that the other has not."""
        _, one = await workflow_found(self.services, visit)
        asked = visit.request.query_params
        after = await version_found(self.services, one, asked.get("after") or str(one.version))
        before = await version_found(
            self.services, one, asked.get("before") or str(max(1, after.version - 1))
        )
        known = await self.services.definitions.versions(visit.tenant, one.desk, one.name)
        return visit.page(
            "console/workflow_difference.html",
            section="runs",
            one=one,
            run=run_words,
            before=before.version,
            after=after.version,
            numbers=sorted(
                {*(int(str(each["number"])) for each in known), before.version, after.version}, reverse=True
            ),
            found=compare_workflows(before.workflow, after.workflow),
        )

    async def share(self, visit: Visit) -> Response:
        """POST /workflows/{workflow}/split: fields `share-{version}`, or `end`."""
        _, one = await workflow_found(self.services, visit)
        weights = {} if visit.form["end"] else _shares(visit.form)
        if not (weights or visit.form["end"]):
            raise Refused(422, "Give at least one version a share of the new runs, or end the split.")
        for number in weights:
            await version_found(self.services, one, str(number))
        await self.services.definitions.split(visit.tenant, one.desk, one.name, weights)
        return visit.go(visit.path(f"/workflows/{one.id}/versions"), toast=_said(weights, one.version))


def _shares(form: Form) -> dict[int, float]:
    """The weights a form gives, without those that are nothing. Raises Refused (422) for what is no share."""
    found: dict[int, float] = {}
    for name in form.fields:
        number = name.removeprefix(_FIELD)
        written = form[name].strip().replace(",", ".")
        if name == number or not number.isdecimal() or not written:
            continue
        try:
            share = float(written)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 100:
            raise Refused(422, f"A share is a number from 0 to 100; version {number} has {form[name]!r}.")
        if share:
            found[int(number)] = share
    return found


def _said(weights: Mapping[int, float], own: int) -> str:
    """What new runs get from now on, in words."""
    if not weights:
        return f"New runs get version {own}, the desk's."
    whole = sum(weights.values())
    each = [f"{100 * share / whole:.0f} % version {number}" for number, share in sorted(weights.items())]
    return f"Of new runs, {' and '.join(each)}; a customer always gets the same."


def routes(frame: Frame, services: Services) -> list[Route]:
    """The pages below /workflows/{workflow}, and what their form does."""
    pages, at = WorkflowVersions(services), "/workflows/{workflow}"
    return [
        frame.get(f"{at}/versions", pages.show),
        frame.get(f"{at}/difference", pages.difference),
        frame.post(f"{at}/split", pages.share, least="supervisor"),
    ]
