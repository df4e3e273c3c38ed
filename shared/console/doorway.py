"""The console's way in and out: the page at /console/, signing in, signing out."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.console.form import Form, read_form
from shared.console.frame import HOME, SIGN_IN, Frame
from shared.console.sections import SECTIONS
from shared.domain.colleagues import at_least
from shared.domain.errors import Permanent
from shared.security.access import COOKIE, CSRF_FIELD, Access, ForeignPage, is_foreign
from shared.security.attempts import TooMany
from shared.security.browsers import browser_name
from shared.security.local_only import SignInNeeded, is_here
from shared.security.sessions import LASTS
from shared.security.sign_in import Door


def caller_of(request: Request, *, proxied: bool) -> str:
    """Where a request comes from, for counting; behind a proxy of ours, what that says of it.

    Google's balancer adds the caller and itself, a tunnel on this machine the caller alone.
    """
    peer = request.client.host if request.client else ""
    told = [one.strip() for one in request.headers.get("x-forwarded-for", "").split(",") if one.strip()]
    if told and proxied:
        return told[-2:][0]
    return told[-1] if told and is_here(peer) else peer


def keep_session(request: Request, response: Response, token: str) -> Response:
    """The response, with the cookie that signs its browser in; on https it stays there."""
    secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
    seconds = int(LASTS.total_seconds())
    response.set_cookie(COOKIE, token, max_age=seconds, httponly=True, samesite="lax", secure=secure)
    return response


def own_path(text: str) -> str:
    """A path of the console to go on to; anything else leads to its first page."""
    parts = urlsplit(text)
    ours = not parts.scheme and not parts.netloc and parts.path.startswith(HOME) and "\\" not in text
    return text if ours else HOME


async def own_form(request: Request) -> Form:
    """The form of a page that no session vouches for. Raises ForeignPage where the page is not ours."""
    if is_foreign(request):
        raise ForeignPage
    return await read_form(request)


@dataclass(frozen=True, slots=True)
class Doorway:
    """The pages before and after everything else."""

    frame: Frame
    door: Door

    async def begin(self, request: Request) -> Response:
        """GET /console/: the one business a person has, or the choice."""
        access = await self.frame.access(request)
        reachable = await self.frame.reachable(access)
        if len(reachable) == 1:
            return RedirectResponse(f"{HOME}{next(iter(reachable))}", 303)
        return self.frame.draw(request, "console/businesses.html", businesses=reachable, access=access)

    async def enter_business(self, request: Request) -> Response:
        """GET /console/{tenant}: its first section."""
        tenant = request.path_params["tenant"]
        access = await self.frame.access(request)
        access.tenant(tenant)
        return RedirectResponse(f"{HOME}{tenant}{self._first_section(access, tenant)}", 303)

    async def ask(self, request: Request) -> Response:
        """GET /console/sign-in."""
        onward = own_path(request.query_params.get("next", HOME))
        try:
            await self.frame.access(request)
        except SignInNeeded:
            return self.frame.draw(request, "console/sign_in.html", next=onward, email="", mistake="")
        return RedirectResponse(onward, 303)

    async def sign_in(self, request: Request) -> Response:
        """POST /console/sign-in; 429 for those who guess."""
        form = await own_form(request)
        onward, caller = own_path(form["next"]), caller_of(request, proxied=self.frame.proxied)
        browser = browser_name(request.headers.get("user-agent", ""))
        try:
            token = await self.door.sign_in(
                form["email"], form.whole("password"), caller=caller, browser=browser
            )
        except Permanent as error:
            return self._once_more(request, form, error)
        return keep_session(request, RedirectResponse(onward, 303), token)

    async def sign_out(self, request: Request) -> Response:
        """POST /console/sign-out."""
        form = await read_form(request)
        access = await self.frame.access(request, form[CSRF_FIELD])
        await self.frame.sessions.end(access.session)
        response = RedirectResponse(SIGN_IN, 303)
        response.delete_cookie(COOKIE)
        return response

    async def missing(self, request: Request) -> Response:
        """Any other path."""
        await self.frame.access(request)
        raise Refused(404, "There is no such page in the console.")

    def _once_more(self, request: Request, form: Form, error: Permanent) -> Response:
        shown = {"next": own_path(form["next"]), "email": form["email"], "mistake": str(error)}
        if not isinstance(error, TooMany):
            return self.frame.draw(request, "console/sign_in.html", 422, **shown)
        response = self.frame.draw(request, "console/sign_in.html", 429, **shown)
        response.headers["Retry-After"] = str(int(error.seconds) + 1)
        return response

    def _first_section(self, access: Access, tenant: str) -> str:
        role, there = access.role(tenant) or "human_agent", self.frame.paths
        seen = [one.path for one in SECTIONS if one.path in there and at_least(role, one.least)]
        return seen[0] if seen else "/profile"


def routes(frame: Frame, door: Door) -> list[Route]:
    """GET /console/ and /console/{tenant}, GET and POST sign-in, POST sign-out; 404 for the rest."""
    way = Doorway(frame, door)
    return [
        Route("/console", _with_slash, methods=["GET"]),
        frame.open("/console/", way.begin),
        frame.open(SIGN_IN, way.ask),
        frame.open(SIGN_IN, way.sign_in, method="POST"),
        frame.open("/console/sign-out", way.sign_out, method="POST"),
        frame.open("/console/{tenant}", way.enter_business),
        frame.open("/console/{tenant}/", way.enter_business),
        frame.open("/console/{rest:path}", way.missing),
    ]


async def _with_slash(request: Request) -> Response:
    del request
    return RedirectResponse(HOME, 308)
