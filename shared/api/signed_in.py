"""Lets a signed-in person in to a business, for resources that hold what customers said and need."""

from starlette.requests import Request

from shared.api.entry import Enter, Entry, tenant_named
from shared.config.versions import Versions
from shared.domain.colleagues import Role
from shared.security.access import access_of, recognise
from shared.security.invitations import Invitations
from shared.security.sessions import Sessions


def signed_in(sessions: Sessions, desks: Versions, *, otherwise: Enter | None = None) -> Enter:
    """The entry by session, to the business that `?tenant=` names, or one of its `?desk=`s.

    Whoever is not signed in goes by `otherwise`, where that is given, e.g. a page of this machine; but only
    while nobody owns the installation, for then nobody can sign in. Raises SignInNeeded, Denied where the
    person is less than that role there, Refused (404) for a desk there is not, (422) where none is named.
    """
    invitations = Invitations(sessions.platform, sessions.clock)

    async def enter(request: Request, least: Role) -> Entry:
        unknown = otherwise is not None and await recognise(sessions, request) is None
        if otherwise is not None and unknown and await invitations.owner_missing():
            return await otherwise(request, least)
        access = await access_of(sessions, request)
        tenant = request.query_params.get("tenant") or await tenant_named(desks, request)
        access.tenant(tenant, least)
        return Entry(tenant, access.actor(tenant))

    return enter
