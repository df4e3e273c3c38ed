"""Finds the workflow, and the version of it, that an address of the console names."""

from shared.api.problems import Refused
from shared.config.versions import Published
from shared.console.visit import Visit
from shared.desk.services import Services
from shared.domain.errors import NotThere
from shared.runs.definitions import Definition


async def workflow_found(services: Services, visit: Visit) -> tuple[Published, Definition]:
    """The desk and what it publishes of the workflow an address names. Raises Refused (404)."""
    desk, _, name = str(visit.request.path_params["workflow"]).partition("~")
    published = await services.versions.published(desk)
    if published is None or published.tenant != visit.tenant or name not in published.config.workflows:
        raise Refused(404, "No desk here has this workflow any more; look at the list of workflows.")
    return published, await services.definitions.current(published, name)


async def version_found(services: Services, current: Definition, number: str) -> Definition:
    """A version by its number as an address has it. Raises Refused (404)."""
    try:
        version = int(number[:9]) if number.isascii() and number.isdigit() else 0
        place = current.tenant, current.desk, current.name
        return await services.definitions.version(*place, version)
    except NotThere as error:
        raise Refused(404, f"This workflow has no version {number[:9]}.") from error
