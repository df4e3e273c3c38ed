"""Who calls the API with a browser's session, and for which business: the console's own access."""

from starlette.requests import Request

from shared.api.problems import Refused
from shared.config.versions import Versions
from shared.domain.colleagues import Actor, Role
from shared.security.access import demand_token, recognise
from shared.security.sessions import Sessions


async def signed_in(
    sessions: Sessions, desks: Versions, request: Request, least: Role
) -> tuple[str, Actor] | None:
    """The tenant a request names by `?tenant=` or by one of its `?desk=`s, and who acts there.

    None where nobody is signed in. A change needs the session's CSRF token in the header X-CSRF-Token.
    Raises Denied where the person is not at least that there, Refused (404) for a desk there is not.
    """
    access = await recognise(sessions, request)
    if access is None:
        return None
    demand_token(request, access)
    tenant = request.query_params.get("tenant", "")
    if not tenant:
        desk = request.query_params.get("desk", "")
        running = await desks.published(desk)
        if running is None:
            raise Refused(404, f"There is no desk {desk!r}; name one in ?desk=, or a business in ?tenant=")
        tenant = running.tenant
    access.tenant(tenant, least)
    return tenant, access.actor(tenant)
