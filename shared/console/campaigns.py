"""The pages of campaigns: their list, a new one checked before it is kept, and one while it goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import Route

from shared.api.campaigns import csv_file
from shared.api.problems import Refused
from shared.config.versions import Published
from shared.console.clock_field import from_field
from shared.console.form import Form
from shared.console.frame import Frame
from shared.console.visit import Visit
from shared.desk.calls.may_call import switched_off
from shared.desk.campaigns.alarms import campaigns_key
from shared.desk.campaigns.control import (
    campaigns,
    cancel,
    find_campaign,
    pause,
    resume,
    shown_state,
    start,
    targets,
)
from shared.desk.campaigns.draft import Preview, draft, preview
from shared.desk.campaigns.export import exported
from shared.desk.campaigns.rows import LARGEST
from shared.desk.campaigns.wanted import Wanted
from shared.desk.canned import templates_of
from shared.desk.services import Services
from shared.domain.campaigns import Breaker, Campaign, TargetState
from shared.domain.errors import NotThere, Permanent
from shared.domain.identity import new_id

STATES: dict[str, tuple[str, str]] = {
    "draft": ("Draft", ""),
    "running": ("Running", "good"),
    "paused": ("Paused", "wait"),
    "done": ("Done", ""),
    "cancelled": ("Ended", ""),
}
"""Words and tone of a campaign's state."""

_WAITING: dict[str, str] = {"draft": "Waiting for the start", "paused": "Held while it is paused"}
_SLOT = "Waiting for its time slot"

VERBS = {"start": start, "pause": pause, "resume": resume, "cancel": cancel}
SAID = {"start": "It has begun.", "pause": "It is paused.", "resume": "It goes on.", "cancel": "It is ended."}
_FORM = 3 * LARGEST  # as a form spells it, most signs take more than one byte


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a campaign's picture, in hundredths of its width."""

    state: TargetState
    word: str
    count: int
    begins: float
    width: float


def outcomes(campaign: Campaign) -> dict[TargetState, str]:
    """What happens with targets or became of them, in the order of the picture."""
    return {
        "reached": "Reached",
        "trying": "Calling" if campaign.means == "calls" else "Sending",
        "waiting": _WAITING.get(campaign.state, _SLOT),
        "failed": "Failed",
        "skipped": "Left out",
        "cancelled": "Not tried",
    }


def picture(campaign: Campaign) -> list[Part]:
    """How far a campaign came, as stretches beside each other."""
    parts: list[Part] = []
    at = 0.0
    for state, word in outcomes(campaign).items():
        if count := campaign.counts.get(state, 0):
            width = 100 * count / max(campaign.total, 1)
            parts.append(Part(state, word, count, round(at, 3), round(width, 3)))
            at += width
    return parts


@dataclass(frozen=True, slots=True)
class CampaignPages:
    """The pages and what they change."""

    services: Services

    async def show(self, visit: Visit) -> Response:
        """GET /campaigns?after=."""
        return visit.page("console/campaigns.html", section="campaigns", **await self._listed(visit))

    async def events(self, visit: Visit) -> Response:
        """GET /campaigns/events: the list, whenever one comes further."""

        async def draw() -> Mapping[str, str]:
            return {"campaigns": visit.draw("console/campaign_rows.html", **await self._listed(visit))}

        return visit.follow([campaigns_key(visit.tenant)], draw)

    async def new(self, visit: Visit) -> Response:
        """GET /campaigns/new: the form."""
        return await self._form(visit, Form({}))

    async def check(self, visit: Visit) -> Response:
        """POST /campaigns/check: what it would come to; nothing is kept."""
        try:
            wanted = await self._wanted(visit.form)
            seen = await preview(self.services, visit.tenant, wanted, visit.form.whole("people").encode())
        except (Permanent, Refused) as error:
            return visit.fragment("console/campaign_preview.html", seen=None, mistake=_sentence(error))
        return visit.fragment("console/campaign_preview.html", seen=seen, mistake="")

    async def draw(self, visit: Visit) -> Response:
        """POST /campaigns: the draft; what is wrong stands in the form."""
        form = visit.form
        try:
            wanted = await self._wanted(form)
            made, seen = await draft(
                self.services,
                visit.tenant,
                wanted,
                form.whole("people").encode(),
                once=form["once"],
                by=visit.actor,
            )
        except NotThere:
            raise
        except (Permanent, Refused) as error:
            return await self._form(visit, form, mistake=_sentence(error), status=422)
        if made is None:
            return await self._form(visit, form, seen=seen, status=422)
        return visit.go(visit.path(f"/campaigns/{made.id}"), toast="Kept as a draft; nothing is sent yet.")

    async def one(self, visit: Visit) -> Response:
        """GET /campaigns/{campaign}?state=&after=: how far it came, and its targets."""
        campaign = await self._campaign(visit)
        asked = visit.request.query_params
        state = next((one for one in get_args(TargetState) if one == asked.get("state")), None)
        page = await targets(visit.store, campaign.id, state=state, cursor=asked.get("after") or None)
        words = outcomes(campaign)
        items = [(one, words[shown_state(campaign, one)]) for one in page.items]
        return visit.page(
            "console/campaign.html",
            section="campaigns",
            items=items,
            cursor=page.cursor,
            state=state or "",
            outcomes=words,
            **await self._shown(campaign),
        )

    async def follow(self, visit: Visit) -> Response:
        """GET /campaigns/{campaign}/events: how far it came, whenever it comes further."""

        async def draw() -> Mapping[str, str]:
            shown = await self._shown(await self._campaign(visit))
            return {"campaign": visit.draw("console/campaign_body.html", **shown)}

        return visit.follow([campaigns_key(visit.tenant)], draw)

    async def steer(self, visit: Visit) -> Response:
        """POST /campaigns/{campaign}/steer/{verb}."""
        name = visit.request.path_params["verb"]
        if name not in VERBS:
            raise Refused(404, "A campaign can be started, paused, gone on with and ended.")
        campaign = visit.request.path_params["campaign"]
        new = await VERBS[name](self.services, visit.tenant, campaign, by=visit.actor)
        return visit.fragment("console/campaign_body.html", toast=SAID[name], **await self._shown(new))

    async def export(self, visit: Visit) -> Response:
        """GET /campaigns/{campaign}/export: its results as a CSV file."""
        campaign = await self._campaign(visit)
        return csv_file(exported(visit.store, campaign.id), campaign.id)

    async def _campaign(self, visit: Visit) -> Campaign:
        try:
            return await find_campaign(visit.store, visit.request.path_params["campaign"])
        except NotThere as error:
            raise Refused(404, "There is no such campaign any more.") from error

    async def _shown(self, campaign: Campaign) -> dict[str, Any]:
        published = await self.services.versions.published(campaign.desk)
        desk = published.config.desk.name if published else campaign.desk
        return {"campaign": campaign, "parts": picture(campaign), "desk": desk, "states": STATES}

    async def _listed(self, visit: Visit) -> dict[str, Any]:
        page = await campaigns(visit.store, cursor=visit.request.query_params.get("after") or None)
        items = [(one, picture(one)) for one in page.items]
        return {"items": items, "cursor": page.cursor, "states": STATES}

    async def _form(
        self,
        visit: Visit,
        form: Form,
        *,
        mistake: str = "",
        seen: Preview | None = None,
        status: int = 200,
    ) -> Response:
        desks = await self._desks(visit.tenant)
        return visit.page(
            "console/campaign_new.html",
            status,
            section="campaigns",
            form=form,
            desks=[(one.desk, one.config.desk.name) for one in desks],
            templates=[
                (one.config.desk.name, list(templates_of(one.config, "whatsapp")))
                for one in desks
                if templates_of(one.config, "whatsapp")
            ],
            calls=any(not switched_off(one.config) for one in desks),
            mistake=mistake,
            seen=seen,
            once=form["once"] or new_id(),
        )

    async def _desks(self, tenant: str) -> list[Published]:
        own = [desk for owner, desk in await self.services.versions.desks() if owner == tenant]
        return [one for desk in own if (one := await self.services.versions.published(desk))]

    async def _wanted(self, form: Form) -> Wanted:
        """What the form asks for. Raises Refused (422) for figures that are none."""
        return Wanted(
            desk=form["desk"],
            name=form["name"],
            means="calls" if form["means"] == "calls" else "messages",
            kind="service" if form["kind"] == "service" else "marketing",
            text=form["text"],
            template="" if form["means"] == "calls" else form["template"],
            agreed=form["agreed"],
            hours=form["hours"],
            per_minute=form.number("per_minute", least=1, most=600),
            attempts=form.number("attempts", least=1, most=5),
            retry_minutes=form.number("retry_minutes", least=1, most=1440),
            breaker=Breaker(
                share=form.number("failures", least=1, most=100) / 100,
                seconds=form.number("seconds", least=10, most=86_400),
                least=form.number("outcomes", least=1, most=500),
            ),
            begins=await self._begins(form),
        )

    async def _begins(self, form: Form) -> datetime | None:
        if not form["begins"]:
            return None
        published = await self.services.versions.published(form["desk"])
        return from_field(form["begins"], ZoneInfo(published.config.desk.timezone if published else "UTC"))


def _sentence(error: Exception) -> str:
    words = str(error)
    return words[:1].upper() + words[1:] + ("" if words.endswith(".") else ".")


def routes(frame: Frame, services: Services) -> list[Route]:
    """The pages at /campaigns."""
    pages = CampaignPages(services)
    one = "/campaigns/{campaign}"
    return [
        frame.get("/campaigns", pages.show, least="supervisor"),
        frame.get("/campaigns/events", pages.events, least="supervisor"),
        frame.get("/campaigns/new", pages.new, least="supervisor"),
        frame.post("/campaigns/check", pages.check, least="supervisor", most=_FORM),
        frame.post("/campaigns", pages.draw, least="supervisor", most=_FORM),
        frame.get(one, pages.one, least="supervisor"),
        frame.get(f"{one}/events", pages.follow, least="supervisor"),
        frame.get(f"{one}/export", pages.export, least="supervisor"),
        frame.post(f"{one}/steer/{{verb}}", pages.steer, least="supervisor"),
    ]
