"""The page of a business's people: who they are, what they may, what they can, and who is invited."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.console.form import Form
from shared.console.frame import Frame
from shared.console.skill_choice import Skills, offered
from shared.console.visit import Visit
from shared.desk.skills import Sought
from shared.desk.staff import follow_up
from shared.domain.colleagues import Role
from shared.domain.errors import Permanent
from shared.ports import Ports
from shared.security.invitations import Invitations
from shared.security.people import address
from shared.security.staff import Staff, everyone

MOST_AT_A_TIME = 50
MOST_SKILLS = 20


Seek = Callable[[str], Awaitable[Sought]]
"""Given the tenant, tells the skills its desks ask for."""


@dataclass(frozen=True, slots=True)
class People:
    """The page and what it changes."""

    invitations: Invitations
    ports: Ports
    seek: Seek
    address: str  # where others reach us; empty where it is the one the page has

    async def show(self, visit: Visit) -> Response:
        """GET /people."""
        shown = await self._shown(visit) | await self._empty(visit)
        return visit.page("console/people.html", section="people", **shown)

    async def ask(self, visit: Visit) -> Response:
        """GET /people/invite: the form, empty."""
        return visit.fragment("console/invite_form.html", **await self._empty(visit))

    async def invite(self, visit: Visit) -> Response:
        """POST /people/invite: the link, which is shown this once, and the list anew."""
        try:
            token = await self._invite(visit)
        except Permanent as error:
            skills = await self._skills(visit, _written(visit.form))
            shown: dict[str, Any] = {"mistake": str(error), "form": visit.form, "skills": skills}
            return visit.fragment("console/invite_form.html", 422, **shown)
        link = f"{self.address or str(visit.request.base_url).rstrip('/')}/console/join/{token}"
        shown, useless = await self._shown(visit), (await self._skills(visit, _written(visit.form))).others
        email = address(visit.form["email"])
        return visit.fragment("console/invited.html", link=link, email=email, useless=useless, **shown)

    async def edit(self, visit: Visit) -> Response:
        """GET /people/{id}: the form of one colleague."""
        colleague, _ = await self._staff(visit).find(visit.request.path_params["id"])
        skills = await self._skills(visit, colleague.skills)
        return visit.fragment("console/person.html", colleague=colleague, skills=skills, mistake="")

    async def change(self, visit: Visit) -> Response:
        """POST /people/{id}: the list anew, or the form with its mistake."""
        staff = self._staff(visit)
        identity = visit.request.path_params["id"]
        try:
            role, skills, capacity = _terms(visit.form)
            changed = await staff.change(identity, role=role, skills=skills, capacity=capacity)
        except Permanent as error:
            colleague, _ = await staff.find(identity)
            written = await self._skills(visit, _written(visit.form))
            shown: dict[str, Any] = {"colleague": colleague, "skills": written, "mistake": str(error)}
            return visit.fragment("console/person.html", 422, into="#person-body", **shown)
        useless = (await self._skills(visit, skills)).others
        warning = f" No desk asks for {' or '.join(useless)}." if useless else ""
        return await self._anew(visit, f"{changed.name} is changed.{warning}")

    async def remove(self, visit: Visit) -> Response:
        """POST /people/{id}/remove: the list anew."""
        staff = self._staff(visit)
        gone = await staff.remove(visit.request.path_params["id"], visit.frame.sessions)
        return await self._anew(visit, f"{gone.name} has no access to {visit.business} any more.")

    async def withdraw(self, visit: Visit) -> Response:
        """POST /people/invited/{id}/withdraw: the list anew."""
        may = self._staff(visit).demand
        await self.invitations.withdraw(visit.tenant, visit.request.path_params["id"], may)
        return await self._anew(visit, "The link is worthless now.")

    def _staff(self, visit: Visit) -> Staff:
        return Staff(visit.access, visit.tenant, self.ports, follow_up)

    async def _invite(self, visit: Visit) -> str:
        role, skills, capacity = _terms(visit.form)
        staff = self._staff(visit)
        email = address(visit.form["email"])
        if any(one.email == email for one in await everyone(visit.store)):
            raise Permanent(f"{email} is here already.")
        return await self.invitations.for_colleague(
            visit.tenant,
            email,
            role=role,
            skills=skills,
            capacity=capacity,
            by=visit.access.person.name,
            may=staff.demand,
        )

    async def _anew(self, visit: Visit, toast: str) -> Response:
        shown = await self._shown(visit)
        return visit.fragment("console/people_rows.html", toast=toast, closes="person", **shown)

    async def _shown(self, visit: Visit) -> dict[str, Any]:
        return {
            "colleagues": await everyone(visit.store),
            "invited": await self.invitations.of(visit.tenant),
            "sought": await self.seek(visit.tenant),
        }

    async def _empty(self, visit: Visit) -> dict[str, Any]:
        """The form of an invitation before anything is written in it."""
        return {"mistake": "", "form": {}, "skills": await self._skills(visit, ())}

    async def _skills(self, visit: Visit, had: Sequence[str]) -> Skills:
        return offered(await self.seek(visit.tenant), had)


def _terms(form: Form) -> tuple[Role, tuple[str, ...], int]:
    """Role, skills and capacity as a form has them. Raises Refused (422)."""
    roles: dict[str, Role] = {"owner": "owner", "supervisor": "supervisor", "human_agent": "human_agent"}
    role = roles.get(form["role"])
    if role is None:
        raise Refused(422, "Choose a role.")
    skills = _written(form)
    if len(skills) > MOST_SKILLS:
        raise Refused(422, f"At most {MOST_SKILLS} skills; name the ones conversations are handed over by.")
    return role, skills, form.number("capacity", least=1, most=MOST_AT_A_TIME)


def _written(form: Form) -> tuple[str, ...]:
    """The skills of a form: those that are ticked, and others with commas between."""
    words = ",".join(form.all("skills")).split(",")
    return tuple(dict.fromkeys(word.strip()[:60] for word in words if word.strip()))


def routes(frame: Frame, invitations: Invitations, ports: Ports, *, seek: Seek, address: str) -> list[Route]:
    """The page at /people, and what its forms do."""
    people = People(invitations, ports, seek, address)
    return [
        frame.get("/people", people.show, least="supervisor"),
        frame.get("/people/invite", people.ask, least="supervisor"),
        frame.post("/people/invite", people.invite, least="supervisor"),
        frame.post("/people/invited/{id}/withdraw", people.withdraw, least="supervisor"),
        frame.get("/people/{id}", people.edit, least="supervisor"),
        frame.post("/people/{id}", people.change, least="supervisor"),
        frame.post("/people/{id}/remove", people.remove, least="supervisor"),
    ]
