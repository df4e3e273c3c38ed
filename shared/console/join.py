"""Where a link leads that lets somebody in: a first owner, or a colleague who was invited."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from shared.console.doorway import caller_of, keep_session, own_form
from shared.console.form import read_form
from shared.console.frame import HOME, Frame
from shared.domain.errors import Permanent
from shared.security.access import CSRF_FIELD, recognise
from shared.security.attempts import Attempts, Limit
from shared.security.browsers import browser_name
from shared.security.invitations import Gone, Invitation, Invitations
from shared.security.local_only import SignInNeeded
from shared.security.passwords import LEAST
from shared.security.people import find, find_by_email

_MOST = 60
"""Links one caller may try in a window; none can be guessed, but each costs a password's hash."""


@dataclass(frozen=True, slots=True)
class Joining:
    """The page of a link, and its form."""

    frame: Frame
    invitations: Invitations

    async def show(self, request: Request) -> Response:
        """GET /console/join/{token}."""
        try:
            invitation = await self.invitations.read(request.path_params["token"])
        except Gone as error:
            return self.frame.draw(request, "console/refused.html", 410, why=str(error))
        return await self._page(request, invitation, email=invitation.email)

    async def join(self, request: Request) -> Response:
        """POST /console/join/{token}: a name and a password, and they are in."""
        form, token = await own_form(request), request.path_params["token"]
        caller = caller_of(request, proxied=self.frame.proxied)
        await Attempts(self.invitations.platform, self.frame.clock).count([Limit(("join", caller), _MOST)])
        try:
            person = await self.invitations.accept(
                token, name=form["name"], email=form["email"], password=form.whole("password")
            )
        except Gone as error:
            return self.frame.draw(request, "console/refused.html", 410, why=str(error))
        except Permanent as error:
            invitation = await self.invitations.read(token)
            shown = {"name": form["name"], "email": invitation.email or form["email"]}
            return await self._page(request, invitation, 422, mistake=str(error), **shown)
        browser = browser_name(request.headers.get("user-agent", ""))
        session = await self.frame.sessions.begin(person.id, browser)
        return keep_session(request, RedirectResponse(HOME, 303), session)

    async def take(self, request: Request) -> Response:
        """POST /console/join/{token}/mine: somebody who is signed in takes what the link gives."""
        form = await read_form(request)
        access = await self.frame.access(request, form[CSRF_FIELD])
        found = await find(self.invitations.platform, access.person.id)
        if found is None:
            raise SignInNeeded("Sign in first.")
        await self.invitations.accept_as(request.path_params["token"], *found)
        return RedirectResponse(HOME, 303)

    async def _page(
        self,
        request: Request,
        invitation: Invitation,
        status: int = 200,
        *,
        email: str,
        name: str = "",
        mistake: str = "",
    ) -> Response:
        access = await recognise(self.frame.sessions, request)
        theirs = access is not None and invitation.email in ("", access.person.email)
        known = await self._has_password(invitation)
        names = await self.frame.businesses.names()
        return self.frame.draw(
            request,
            "console/join.html",
            status,
            invitation=invitation,
            business=names.get(invitation.tenant, invitation.tenant),
            access=access if theirs else None,
            known=known,
            least=LEAST,
            email=email,
            name=name,
            mistake=mistake,
        )

    async def _has_password(self, invitation: Invitation) -> bool:
        """Whether the address invited is somebody's who signs in already."""
        if not invitation.email:
            return False
        found = await find_by_email(self.invitations.platform, invitation.email)
        return found is not None and bool(found[0].password)


def routes(frame: Frame, invitations: Invitations) -> list[Route]:
    """GET and POST /console/join/{token}, POST /console/join/{token}/mine."""
    joining = Joining(frame, invitations)
    path = "/console/join/{token}"
    return [
        frame.open(path, joining.show),
        frame.open(path, joining.join, method="POST"),
        frame.open(f"{path}/mine", joining.take, method="POST"),
    ]
