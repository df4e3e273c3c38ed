"""What every page of the console stands in: sign-in, the tenant's door, one form of errors, one look."""

import functools
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from shared.api.problems import Refused, refusal
from shared.console import drawing
from shared.console.assets import LIBRARIES, Assets
from shared.console.businesses import Businesses
from shared.console.call_origins import call_origins
from shared.console.form import LARGEST, Form, read_form
from shared.console.visit import Visit, tell
from shared.domain.colleagues import Role
from shared.ports import Clock, Live
from shared.security import staff
from shared.security.access import CSRF_FIELD, Access, access_of
from shared.security.local_only import SignInNeeded
from shared.security.sessions import Sessions

Endpoint = Callable[[Visit], Awaitable[Response]]
HOME = "/console/"
SIGN_IN = "/console/sign-in"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {calls}; "
    "img-src 'self' blob:; media-src 'self' blob:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Frame:
    """Makes routes of pages; each page module takes it and gives a list of them."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        businesses: Businesses,
        live: Live,
        clock: Clock,
        livekit: str = "",
        proxied: bool = False,
        assets: Assets | None = None,
        beat: float = 15.0,
    ) -> None:
        self.sessions = sessions
        self.businesses = businesses
        self.live = live
        self.clock = clock
        self._headers = {**HEADERS, "Content-Security-Policy": POLICY.format(calls=call_origins(livekit))}
        self.proxied = proxied  # whether what a proxy says of a caller is believed
        self.assets = assets or Assets()
        self.beat = beat
        self.paths: set[str] = set()  # those below /console/{tenant} that have a page
        self._known: set[tuple[str, str]] = set()  # who is known where; a colleague's document is never gone
        self.templates = drawing.environment()
        self.templates.globals["asset"] = self.assets.url
        self.templates.globals["libraries"] = lambda: self.assets.libraries
        self.templates.globals["library_missing"] = lambda: self.assets.libraries != LIBRARIES

    def get(self, path: str, endpoint: Endpoint, *, least: Role = "human_agent") -> Route:
        """A page, fragment or stream at /console/{tenant}`path`, for those with at least that role."""
        self.paths.add(path)
        return self._route(path, endpoint, "GET", least)

    def post(
        self, path: str, endpoint: Endpoint, *, least: Role = "human_agent", most: int = LARGEST
    ) -> Route:
        """A change, asked for by our own page: its CSRF token is checked and its form, of at most so many
        bytes, read already.
        """
        return self._route(path, endpoint, "POST", least, most)

    def open(
        self, path: str, endpoint: Callable[[Request], Awaitable[Response]], *, method: str = "GET"
    ) -> Route:
        """A page outside every business, which looks after sign-in itself."""
        return Route(path, self.answering(endpoint), methods=[method])

    def _route(self, path: str, endpoint: Endpoint, method: str, least: Role, most: int = LARGEST) -> Route:
        async def visited(request: Request) -> Response:
            form = await read_form(request, most) if method == "POST" else Form({})
            access = await self.access(request, form[CSRF_FIELD])
            return await endpoint(await self._visit(request, access, form, least))

        return Route(f"/console/{{tenant}}{path}", self.answering(visited), methods=[method])

    async def access(self, request: Request, form_csrf: str = "") -> Access:
        """Who asks. Raises SignInNeeded or ForeignPage."""
        return await access_of(self.sessions, request, form_csrf)

    async def reachable(self, access: Access) -> dict[str, str]:
        """The businesses a person may reach: tenant -> name."""
        return {
            tenant: name
            for tenant, name in (await self.businesses.names()).items()
            if access.role(tenant) is not None
        }

    async def _visit(self, request: Request, access: Access, form: Form, least: Role) -> Visit:
        tenant: str = request.path_params["tenant"]
        store, role = access.tenant(tenant, least), access.role(tenant) or "human_agent"
        reachable = await self.reachable(access)
        if tenant not in reachable:
            raise Refused(404, f"There is no business {tenant!r} here, or it has no published desk.")
        if (tenant, access.person.id) not in self._known:
            await staff.known(store, access.person, role)
            self._known.add((tenant, access.person.id))
        return Visit(
            frame=self,
            request=request,
            access=access,
            tenant=tenant,
            store=store,
            role=role,
            businesses=reachable,
            form=form,
        )

    def answering(
        self, endpoint: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint, with every error told as a page, or to htmx as a toast."""

        @functools.wraps(endpoint)
        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except ClientDisconnect:
                return Response(status_code=499)
            except SignInNeeded:
                return self._to_sign_in(request)
            except Exception as error:  # noqa: BLE001 the outermost place: an error must become an answer
                return self._refused(request, refusal(error))

        return answer

    def respond(self, html: str, status: int = 200) -> HTMLResponse:
        """A page with the headers every page has."""
        return HTMLResponse(html, status, self._headers)

    def draw(self, request: Request, template: str, status: int = 200, **shown: object) -> HTMLResponse:
        """A page for somebody who is not signed in, or is at no business."""
        return self.respond(self.templates.get_template(template).render(request=request, **shown), status)

    def _to_sign_in(self, request: Request) -> Response:
        if request.headers.get("hx-request") == "true":
            return Response(status_code=401, headers={"HX-Redirect": SIGN_IN})
        if request.method != "GET" or request.url.path == HOME:
            return RedirectResponse(SIGN_IN, 303)
        where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{SIGN_IN}?next={quote(where)}", 303)

    def _refused(self, request: Request, refused: Refused) -> Response:
        if request.headers.get("hx-request") == "true":
            return tell(Response(status_code=refused.status, headers=refused.headers), str(refused), "wrong")
        response = self.draw(request, "console/refused.html", refused.status, why=str(refused))
        response.headers.update(refused.headers)
        return response
