"""A workflow's versions as JSON: checked, added, held against what is under way, shared among new runs."""

from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.api.asked import command, found, told
from shared.api.entry import Enter, Entry
from shared.api.problems import Refused
from shared.api.workflows import PATH, named_workflow
from shared.config.versions import Published
from shared.config.workflow_file import WorkflowFile, read_workflow
from shared.desk.runs.in_flight import MOST, Choice, InFlight, apply, preview
from shared.desk.runs.run_list import under_way
from shared.desk.services import Services
from shared.domain.errors import NotThere, Permanent
from shared.domain.runs import Run
from shared.runs.definitions import Definition, definition_id

_ONE = PATH + "/{workflow}"


class Written(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A workflow as its file has it, and the desk it is for."""

    text: str
    desk: str = ""


class Weights(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Versions and their weights; none gives every new run to the desk's own."""

    weights: dict[int, float]


class Compared(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The version, or the text, that runs under way are held against; neither is the desk's own."""

    version: int = 0
    text: str = ""


class Chosen(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is done with runs under way; none named is all of them."""

    choice: Literal["keep", "move", "cancel"]
    version: int = 0
    runs: tuple[str, ...] = ()


def routes(services: Services, enter: Enter) -> list[Route]:
    """POST /api/v1/workflows/validate; GET …/{id}, …/{id}/versions; POST …/{id}/versions, /split, /preview,
    /apply.
    """
    return [*_reading(services, enter), *_adding(services, enter), *_changing(services, enter)]


def _adding(services: Services, enter: Enter) -> list[Route]:
    async def validate(entry: Entry, _: Request, asked: Written) -> object:
        published = await services.versions.published(asked.desk) if asked.desk else None
        if published and published.tenant != entry.tenant:
            published = None
        if asked.desk and published is None:
            raise NotThere(f"there is no desk {asked.desk!r} of this business")
        return _judged(_read(services, asked.text, published))

    async def add(entry: Entry, request: Request, asked: Written) -> object:
        now = await current_workflow(services, entry, request)
        published = await services.versions.published(now.desk)
        read = _read(services, asked.text, published, now.name)
        if read.workflow is None:
            raise Refused(422, "The workflow has problems.", **_judged(read))
        number = await services.definitions.register(
            entry.tenant, now.desk, now.name, read.workflow, origin="api", by=entry.by.name or entry.by.id
        )
        return {"id": now.id, "version": number, "notices": [str(one) for one in read.notices]}

    return [
        command(PATH + "/validate", Written, validate, enter),
        command(_ONE + "/versions", Written, add, enter, least="supervisor"),
    ]


def _reading(services: Services, enter: Enter) -> list[Route]:
    async def one(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        definition = await current_workflow(services, entry, request)
        registered = await services.definitions.registered(entry.tenant, definition.desk, definition.name)
        return told(
            {
                "id": definition.id,
                "desk": definition.desk,
                "name": definition.name,
                "version": definition.version,
                "latest": registered.latest,
                "split": {str(number): weight for number, weight in registered.split.items()},
                "definition": definition.workflow.model_dump(mode="json", exclude_unset=True),
            }
        )

    async def versions(request: Request) -> Response:
        entry = await enter(request, "human_agent")
        now = await current_workflow(services, entry, request)
        return told({"items": await services.definitions.versions(entry.tenant, now.desk, now.name)})

    return [
        Route(_ONE, found(one), methods=["GET"]),
        Route(_ONE + "/versions", found(versions), methods=["GET"]),
    ]


def _changing(services: Services, enter: Enter) -> list[Route]:
    async def split(entry: Entry, request: Request, asked: Weights) -> object:
        now = await current_workflow(services, entry, request)
        after = await services.definitions.split(entry.tenant, now.desk, now.name, asked.weights)
        return {"id": now.id, "split": {str(number): weight for number, weight in after.split.items()}}

    async def compare(entry: Entry, request: Request, asked: Compared) -> object:
        now = await current_workflow(services, entry, request)
        to = await _version(services, now, asked.version)
        workflow = to.workflow
        if asked.text:
            published = await services.versions.published(now.desk)
            read = _read(services, asked.text, published, now.name)
            if read.workflow is None:
                raise Refused(422, "The workflow has problems.", **_judged(read))
            workflow = read.workflow
        seen = await preview(services, entry.tenant, now.desk, now.name, workflow)
        return {"items": [_told(one) for one in seen]}

    async def choose(entry: Entry, request: Request, asked: Chosen) -> object:
        now = await current_workflow(services, entry, request)
        to = await _version(services, now, asked.version)
        runs = await under_way(services.tenant(entry.tenant), now.desk, now.name, most=MOST)
        chosen = [run for run in runs if not asked.runs or run.id in asked.runs]
        return {"items": [await chose(entry, run, asked.choice, to) for run in chosen]}

    async def chose(entry: Entry, run: Run, choice: Choice, to: Definition) -> dict[str, Any]:
        """What became of one run; those that just changed say so, and keep nobody else."""
        try:
            after = await apply(services, entry.tenant, run, choice, to=to)
        except Permanent as error:
            return {"execution_id": run.id, "version": run.version, "error": str(error)}
        return {"execution_id": run.id, "version": after.version}

    return [
        command(_ONE + "/split", Weights, split, enter, least="supervisor"),
        command(_ONE + "/preview", Compared, compare, enter, least="supervisor"),
        command(_ONE + "/apply", Chosen, choose, enter, least="supervisor"),
    ]


async def current_workflow(services: Services, entry: Entry, request: Request) -> Definition:
    """The version of the named workflow that its desk publishes. Raises NotThere."""
    desk, name = await named_workflow(services, entry.tenant, str(request.path_params["workflow"]))
    published = await services.versions.published(desk)
    if published is None:
        raise NotThere(f"the workflow {definition_id(desk, name)!r} is published no more")
    return await services.definitions.current(published, name)


async def _version(services: Services, now: Definition, number: int) -> Definition:
    if not number:
        return now
    return await services.definitions.version(now.tenant, now.desk, now.name, number)


def _read(services: Services, text: str, published: Published | None, name: str = "") -> WorkflowFile:
    """A workflow as written, checked as one in the desk's file is."""
    config = published.config if published else None
    return read_workflow(text, config, name=name, agents=services.drafts.catalogue().agents)


def _judged(read: WorkflowFile) -> dict[str, Any]:
    return {
        "valid": read.workflow is not None,
        "problems": [str(one) for one in read.problems],
        "notices": [str(one) for one in read.notices],
    }


def _told(seen: InFlight) -> dict[str, Any]:
    return {
        "execution_id": seen.run.id,
        "status": seen.run.status,
        "version": seen.run.version,
        "at": seen.at,
        "moved": {"goes_on_at": seen.goes_on_at, "sleeps_on": seen.sleeps_on, "lost": seen.lost},
    }
