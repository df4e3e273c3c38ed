"""The pages of what desks could learn: proposed fixes with their evidence, to change, approve or refuse."""

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.config.comparison import lines_between
from shared.console.frame import Frame
from shared.console.visit import Visit
from shared.desk.proposals import approve, change_proposal, proposal_of, proposals, refuse
from shared.desk.services import Services
from shared.domain.errors import Contested, Permanent
from shared.domain.proposals import Fix, FixKind, Proposal, ProposalState, Scenario

STATES: dict[str, ProposalState] = {"proposed": "proposed", "approved": "approved", "refused": "refused"}
KINDS: dict[str, FixKind] = {"knowledge": "knowledge", "guideline": "guideline", "setting": "setting"}
MOST_EXPECTED = 6


@dataclass(frozen=True, slots=True)
class Proposals:
    """The pages and what they change."""

    services: Services

    async def show(self, visit: Visit) -> Response:
        """GET /proposals?state=: those to decide, or those decided."""
        asked = visit.request.query_params
        state = STATES.get(asked.get("state", ""), "proposed")
        found = await proposals(self.services, visit.tenant, state=state, cursor=asked.get("after") or None)
        waiting = (
            found if state == "proposed" else await proposals(self.services, visit.tenant, state="proposed")
        )
        shown: dict[str, Any] = {"items": found.items, "cursor": found.cursor, "state": state}
        shown["proposed"] = len(waiting.items)
        return visit.page("console/proposals.html", section="desks", **shown)

    async def one(self, visit: Visit) -> Response:
        """GET /proposals/{id}."""
        return visit.page(
            "console/proposal.html", section="desks", **await self._shown(await self._named(visit), visit)
        )

    async def change(self, visit: Visit) -> Response:
        """POST /proposals/{id}: the fix as the form has it, rehearsed; the page's body anew."""
        proposal = await self._named(visit)
        changed = await change_proposal(
            self.services,
            visit.tenant,
            proposal.id,
            fix=_fix(visit),
            scenario=_scenario(visit),
            by=visit.actor,
        )
        return visit.fragment("console/proposal_body.html", **await self._shown(changed, visit))

    async def approve(self, visit: Visit) -> Response:
        """POST /proposals/{id}/approve: published; or what it came to, and why it was not."""
        proposal = await self._named(visit)
        if "text" in visit.form.fields:
            fix, scenario = _fix(visit), _scenario(visit)
            if (fix, scenario) != (proposal.fix, proposal.scenario):
                place = (self.services, visit.tenant, proposal.id)
                await change_proposal(*place, fix=fix, scenario=scenario, by=visit.actor)
        try:
            done = await approve(self.services, visit.tenant, proposal.id, by=visit.actor)
        except Contested:
            raise
        except Permanent as error:
            now = await proposal_of(self.services, visit.tenant, proposal.id)
            return visit.fragment(
                "console/proposal_body.html",
                422,
                toast="",
                **await self._shown(now, visit, refused=str(error)),
            )
        toast = f"{proposal.desk} runs version {done.published}, and knows it now. {done.written}".strip()
        return visit.go(visit.path(f"/proposals/{proposal.id}"), toast=toast)

    async def refuse(self, visit: Visit) -> Response:
        """POST /proposals/{id}/refuse: back to those that are left."""
        proposal = await self._named(visit)
        await refuse(self.services, visit.tenant, proposal.id, by=visit.actor, why=visit.form["why"])
        return visit.go(visit.path("/proposals"), toast="Refused; the desk stays as it is.")

    async def _named(self, visit: Visit) -> Proposal:
        try:
            return await proposal_of(self.services, visit.tenant, visit.request.path_params["id"])
        except Permanent as error:
            raise Refused(404, str(error)) from error

    async def _shown(self, proposal: Proposal, visit: Visit, refused: str = "") -> dict[str, Any]:
        """The proposal with the lines it would change."""
        lines: tuple[Any, ...] = ()
        files: dict[str, tuple[Any, ...]] = {}
        in_place, name = True, proposal.desk
        published = await self.services.versions.published(proposal.desk)
        if published is not None:
            name = published.config.desk.name
        if proposal.state == "proposed":
            running = await self.services.drafts.running(visit.tenant, proposal.desk)
            try:
                draft = await self.services.drafts.fixed(running, proposal.fix)
            except Permanent:
                draft = None
            if draft is not None:
                in_place, lines = draft.in_place, lines_between(running.text, draft.text)
                known = await self.services.drafts.knowledge(running)
                files = {
                    name: lines_between(_words(known.get(name)), _words(body))
                    for name, body in draft.validated.knowledge.items()
                    if known.get(name) != body
                }
        return {
            "one": proposal,
            "desk_name": name,
            "lines": lines,
            "files": files,
            "in_place": in_place,
            "refused": refused,
        }


def _fix(visit: Visit) -> Fix:
    form = visit.form
    kind = KINDS.get(form["kind"], "knowledge")
    title = {"knowledge": form["question"], "guideline": "", "setting": form["key"]}[kind]
    return Fix(kind=kind, title=title, text=form["text"].replace("\r\n", "\n"))


def _scenario(visit: Visit) -> Scenario:
    expect = [line.strip() for line in visit.form["expect"].splitlines() if line.strip()]
    if len(expect) > MOST_EXPECTED:
        raise Refused(
            422, f"At most {MOST_EXPECTED} pieces are expected of an answer; keep those that matter."
        )
    return Scenario(ask=visit.form["ask"], expect=tuple(expect), tool=visit.form["tool"])


def _words(content: bytes | None) -> str:
    return content.decode("utf-8", "replace") if content else ""


def routes(frame: Frame, services: Services) -> list[Route]:
    """The pages at /proposals, and what their forms do."""
    page = Proposals(services)
    return [
        frame.get("/proposals", page.show, least="supervisor"),
        frame.get("/proposals/{id}", page.one, least="supervisor"),
        frame.post("/proposals/{id}", page.change, least="supervisor"),
        frame.post("/proposals/{id}/approve", page.approve, least="supervisor"),
        frame.post("/proposals/{id}/refuse", page.refuse, least="supervisor"),
    ]
