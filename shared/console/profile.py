"""The page of one's own: name, password, and the browsers that are signed in."""

from dataclasses import dataclass

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from shared.console.doorway import caller_of
from shared.console.frame import Frame
from shared.console.visit import Visit
from shared.domain.errors import Permanent
from shared.ports import Document
from shared.security import passwords, staff
from shared.security.local_only import SignInNeeded
from shared.security.people import Person, changes, find
from shared.security.sign_in import Door


@dataclass(frozen=True, slots=True)
class Profile:
    """The page and what it changes."""

    door: Door

    async def show(self, visit: Visit) -> Response:
        """GET /profile."""
        return await self._page(visit)

    async def rename(self, visit: Visit) -> Response:
        """POST /profile/name: in every business that knows them."""
        name = " ".join(visit.form["name"].split())[:80]
        if not name:
            return await self._page(visit, 422, about="name", mistake="Write your name.")
        person, read = await self._read(visit)
        person = msgspec.structs.replace(person, name=name)
        await self.door.platform.commit([changes(person, read)])
        for tenant in visit.businesses:
            await staff.renamed(visit.access.tenant(tenant), person)
        return visit.go(visit.path("/profile"), toast="Your name is changed.")

    async def change_password(self, visit: Visit) -> Response:
        """POST /profile/password: every other browser is signed out."""
        person, read = await self._read(visit)
        caller = caller_of(visit.request, proxied=visit.frame.proxied)
        new = visit.form.whole("new")
        try:
            await self.door.confirm(person.email, person.password, visit.form.whole("present"), caller=caller)
            passwords.demand_good(new, person.name, person.email)
        except Permanent as error:
            return await self._page(visit, 422, about="password", mistake=str(error))
        person = msgspec.structs.replace(person, password=await passwords.hashed(new))
        await self.door.platform.commit([changes(person, read)])
        await self.door.sessions.end_all(person.id, but=visit.access.session)
        return visit.go(
            visit.path("/profile"), toast="Your password is changed. Other browsers are signed out."
        )

    async def end(self, visit: Visit) -> Response:
        """POST /profile/sessions/{id}/end, where `others` is all but this one."""
        which, mine = visit.request.path_params["id"], visit.access.person.id
        if which == "others":
            await self.door.sessions.end_all(mine, but=visit.access.session)
        elif any(one.id == which for one in await self.door.sessions.of(mine)):
            await self.door.sessions.end(which)
        return visit.go(visit.path("/profile"), toast="Signed out there.")

    async def _read(self, visit: Visit) -> tuple[Person, Document]:
        found = await find(self.door.platform, visit.access.person.id)
        if found is None:
            raise SignInNeeded("Sign in first.")
        return found

    async def _page(self, visit: Visit, status: int = 200, *, about: str = "", mistake: str = "") -> Response:
        sessions = await self.door.sessions.of(visit.access.person.id)
        shown = {"sessions": sessions, "about": about, "mistake": mistake, "least": passwords.LEAST}
        return visit.page("console/profile.html", status, section="profile", **shown)


def routes(frame: Frame, door: Door) -> list[Route]:
    """The page at /profile, and what its forms do."""
    profile = Profile(door)
    return [
        frame.get("/profile", profile.show),
        frame.post("/profile/name", profile.rename),
        frame.post("/profile/password", profile.change_password),
        frame.post("/profile/sessions/{id}/end", profile.end),
    ]
