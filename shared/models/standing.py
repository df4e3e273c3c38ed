"""Says in words which model answers now, and why a key is not used, in its vendor's own words."""

from shared.config.board import ModelState
from shared.domain.errors import FrontdeskError
from shared.models.router import OFFLINE, Router


async def standing(models: Router) -> ModelState:
    """The first model of the balanced profile, asked whether it would answer."""
    try:
        route = models.route("balanced")
    except FrontdeskError as error:
        return ModelState(label="No model", trouble=str(error))
    first = route.chain[0]
    if first.provider == OFFLINE:
        return ModelState(label="Offline model", offline=True)
    try:
        await route.check()
    except FrontdeskError as error:
        return ModelState(label=first.name, trouble=str(error))
    return ModelState(label=first.name)
