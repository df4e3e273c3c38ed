"""What a signed-in person may reach: the one place that turns who somebody is into a tenant's documents."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

from shared.domain.colleagues import Actor, Role, at_least
from shared.domain.errors import Permanent
from shared.security.local_only import SignInNeeded
from shared.security.people import AGENCY, Person, role_in
from shared.security.sessions import Sessions, csrf_of, same_csrf
from shared.security.tenancy import PlatformStore, TenantStore

COOKIE = "frontdesk"
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"
_READS = ("GET", "HEAD", "OPTIONS")


class Denied(Permanent):
    """Somebody who is signed in may not do this."""


class ForeignPage(Denied):
    """A change was asked for by a page that is not ours, or is no longer of this session."""

    def __init__(self, *, of_api: bool = False) -> None:
        page = "This page is out of date. Load it again, then repeat what you did."
        super().__init__(f"Send the session's token in the header {CSRF_HEADER}. {page}" if of_api else page)


@dataclass(frozen=True, slots=True)
class Access:
    """One signed-in person, for one request."""

    person: Person
    session: str  # its id, not its token
    csrf: str
    platform: PlatformStore

    def role(self, tenant: str) -> Role | None:
        """The most they may in a business; None where they have no business there."""
        return role_in(self.person, tenant)

    def tenant(self, name: str, least: Role = "human_agent") -> TenantStore:
        """A business's documents. Raises Denied where the person is not at least that there."""
        role = self.role(name)
        if role is None:
            raise Denied(f"You have no access to {name!r}. Ask its owner to invite you.")
        if not at_least(role, least):
            raise Denied(f"This needs the role {said(least)}; yours is {said(role)}.")
        return self.platform.tenant(name)

    def agency(self) -> PlatformStore:
        """The agency's own documents. Raises Denied for everybody but its owners."""
        if self.person.rights.get(AGENCY) != "owner":
            raise Denied("This is for the agency's owners.")
        return self.platform

    def actor(self, tenant: str) -> Actor:
        """Who acts, as a conversation's history names them. Raises Denied as `tenant`."""
        self.tenant(tenant)
        return Actor(id=self.person.id, name=self.person.name, role=self.role(tenant) or "human_agent")


def said(role: Role) -> str:
    """A role in words."""
    return {"owner": "owner", "supervisor": "supervisor", "human_agent": "agent"}[role]


def is_foreign(request: Request) -> bool:
    """Whether another site's page asks; for forms that no session vouches for yet."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.url.netloc


async def recognise(sessions: Sessions, request: Request) -> Access | None:
    """Who a browser is signed in as, or None; to show something, never to change it."""
    token = request.cookies.get(COOKIE, "")
    found = await sessions.find(token) if token else None
    return Access(found.person, found.id, csrf_of(token), sessions.platform) if found else None


async def access_of(sessions: Sessions, request: Request, form_csrf: str = "") -> Access:
    """The access of whoever sends a request, for pages and API alike.

    A request that changes something must carry the session's CSRF token, in the header or in the form
    field given as `form_csrf`. Raises SignInNeeded, or ForeignPage where the token is missing.
    """
    access = await recognise(sessions, request)
    if access is None:
        raise SignInNeeded("Sign in first: open /console/ in a browser.")
    demand_token(request, access, form_csrf)
    return access


def demand_token(request: Request, access: Access, form_csrf: str = "") -> None:
    """Returns if a request changes nothing, or has the session's token. Raises ForeignPage."""
    if request.method in _READS:
        return
    given = request.headers.get(CSRF_HEADER) or form_csrf
    if not same_csrf(given, access.csrf):
        raise ForeignPage(of_api=request.url.path.startswith("/api/"))
