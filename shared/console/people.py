"""The page of a business's people: who they are, what they may, what they can, and who is invited."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.console.form import Form
from shared.console.frame import Frame
from shared.console.visit import Visit
from shared.domain.colleagues import Actor, Colleague, Role
from shared.domain.errors import Permanent
from shared.security.invitations import Invitations
from shared.security.people import address
from shared.security.staff import Staff, everyone

MOST_AT_A_TIME = 50
MOST_SKILLS = 20


FollowUp = Callable[[str, Colleague, Actor], Awaitable[None]]
"""Given the tenant, a colleague as they are now and who changed them, sees to what follows."""


@dataclass(frozen=True, slots=True)
class People:
    """The page and what it changes."""

    invitations: Invitations
    follow_up: FollowUp
    address: str  # where others reach us; empty where it is the one the page has

    async def show(self, visit: Visit) -> Response:
        """GET /people."""
        return visit.page("console/people.html", section="people", **await self._shown(visit))

    async def ask(self, visit: Visit) -> Response:
        """GET /people/invite: the form, empty."""
        return visit.fragment("console/invite_form.html", mistake="", form={})

    async def invite(self, visit: Visit) -> Response:
        """POST /people/invite: the link, which is shown this once, and the list anew."""
        try:
            token = await self._invite(visit)
        except Permanent as error:
            return visit.fragment("console/invite_form.html", 422, mistake=str(error), form=visit.form)
        link = f"{self.address or str(visit.request.base_url).rstrip('/')}/console/join/{token}"
        email = address(visit.form["email"])
        return visit.fragment("console/invited.html", link=link, email=email, **await self._shown(visit))

    async def edit(self, visit: Visit) -> Response:
        """GET /people/{id}: the form of one colleague."""
        colleague, _ = await Staff(visit.access, visit.tenant).find(visit.request.path_params["id"])
        return visit.fragment("console/person.html", colleague=colleague, mistake="")

    async def change(self, visit: Visit) -> Response:
        """POST /people/{id}: the list anew, or the form with its mistake."""
        staff = Staff(visit.access, visit.tenant)
        identity = visit.request.path_params["id"]
        try:
            role, skills, capacity = _terms(visit.form)
            changed = await staff.change(identity, role=role, skills=skills, capacity=capacity)
            await self.follow_up(visit.tenant, changed, visit.actor)
        except Permanent as error:
            colleague, _ = await staff.find(identity)
            shown: dict[str, Any] = {"colleague": colleague, "mistake": str(error)}
            return visit.fragment("console/person.html", 422, into="#person-body", **shown)
        return await self._anew(visit, f"{changed.name} is changed.")

    async def remove(self, visit: Visit) -> Response:
        """POST /people/{id}/remove: the list anew."""
        staff = Staff(visit.access, visit.tenant)
        gone = await staff.remove(visit.request.path_params["id"], visit.frame.sessions)
        await self.follow_up(visit.tenant, gone, visit.actor)
        return await self._anew(visit, f"{gone.name} has no access to {visit.business} any more.")

    async def withdraw(self, visit: Visit) -> Response:
        """POST /people/invited/{id}/withdraw: the list anew."""
        await self.invitations.withdraw(visit.tenant, visit.request.path_params["id"])
        return await self._anew(visit, "The link is worthless now.")

    async def _invite(self, visit: Visit) -> str:
        role, skills, capacity = _terms(visit.form)
        staff = Staff(visit.access, visit.tenant)
        staff.demand(role)
        email = address(visit.form["email"])
        if any(one.email == email for one in await everyone(visit.store)):
            raise Permanent(f"{email} is here already.")
        return await self.invitations.for_colleague(
            visit.tenant, email, role=role, skills=skills, capacity=capacity, by=visit.access.person.name
        )

    async def _anew(self, visit: Visit, toast: str) -> Response:
        shown = await self._shown(visit)
        return visit.fragment("console/people_rows.html", toast=toast, closes="person", **shown)

    async def _shown(self, visit: Visit) -> dict[str, Any]:
        return {
            "colleagues": await everyone(visit.store),
            "invited": await self.invitations.of(visit.tenant),
        }


def _terms(form: Form) -> tuple[Role, tuple[str, ...], int]:
    """Role, skills and capacity as a form has them. Raises Refused (422)."""
    roles: dict[str, Role] = {"owner": "owner", "supervisor": "supervisor", "human_agent": "human_agent"}
    role = roles.get(form["role"])
    if role is None:
        raise Refused(422, "Choose a role.")
    skills = tuple(dict.fromkeys(word.strip()[:60] for word in form["skills"].split(",") if word.strip()))
    if len(skills) > MOST_SKILLS:
        raise Refused(422, f"At most {MOST_SKILLS} skills; name the ones conversations are handed over by.")
    return role, skills, form.number("capacity", least=1, most=MOST_AT_A_TIME)


def routes(frame: Frame, invitations: Invitations, follow_up: FollowUp, *, address: str) -> list[Route]:
    """The page at /people, and what its forms do."""
    people = People(invitations, follow_up, address)
    return [
        frame.get("/people", people.show, least="supervisor"),
        frame.get("/people/invite", people.ask, least="supervisor"),
        frame.post("/people/invite", people.invite, least="supervisor"),
        frame.post("/people/invited/{id}/withdraw", people.withdraw, least="supervisor"),
        frame.get("/people/{id}", people.edit, least="supervisor"),
        frame.post("/people/{id}", people.change, least="supervisor"),
        frame.post("/people/{id}/remove", people.remove, least="supervisor"),
    ]
