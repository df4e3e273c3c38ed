"""One request of a signed-in person to one business's pages, and the ways a page answers it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from shared.api.event_stream import streaming
from shared.console.follow import Draw, Note, follow
from shared.console.form import Form
from shared.console.sections import SECTIONS, Section
from shared.desk.wake import notices_key
from shared.domain.colleagues import Actor, Role, at_least
from shared.domain.errors import Permanent
from shared.security.access import Access
from shared.security.local_only import SignInNeeded
from shared.security.tenancy import TenantStore

if TYPE_CHECKING:
    from shared.console.frame import Frame

Tone = Literal["done", "wrong"]
SAID = "frontdesk-said"
"""A cookie that carries a toast over a redirect, for seconds; the page's script reads and removes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a page is given."""

    frame: "Frame"
    request: Request
    access: Access
    tenant: str
    store: TenantStore
    role: Role
    businesses: dict[str, str]  # those they may reach: tenant -> name
    form: Form  # empty unless a form was sent

    @property
    def actor(self) -> Actor:
        """Who acts, for commands."""
        return self.access.actor(self.tenant)

    @property
    def business(self) -> str:
        """The business's name."""
        return self.businesses[self.tenant]

    @property
    def partial(self) -> bool:
        """Whether htmx asks, and so a fragment answers."""
        return self.request.headers.get("hx-request") == "true"

    def may(self, least: Role) -> bool:
        """Whether their role here reaches that far."""
        return at_least(self.role, least)

    def path(self, rest: str = "") -> str:
        """An address below this business's."""
        return f"/console/{self.tenant}{rest}"

    def sections(self) -> list[Section]:
        """The navigation as they see it."""
        there = self.frame.paths
        return [one for one in SECTIONS if one.path in there and self.may(one.least)]

    def page(self, template: str, status: int = 200, *, section: str = "", **shown: object) -> Response:
        """A whole page; `section` names its place in the navigation."""
        return self.frame.respond(self.draw(template, section=section, **shown), status)

    def fragment(
        self,
        template: str,
        status: int = 200,
        *,
        toast: str = "",
        closes: str = "",
        into: str = "",
        **shown: object,
    ) -> Response:
        """A part of a page, for htmx to put in its place; 422 is for a form with its mistakes.

        `closes` names a dialog that is done with, `into` a place other than the one that was asked for.
        """
        response = HTMLResponse(self.draw(template, **shown), status, {"Cache-Control": "no-store"})
        if into:
            response.headers["HX-Retarget"] = into
            response.headers["HX-Reswap"] = "innerHTML"
        return tell(response, toast, closes=closes) if toast or closes else response

    def draw(self, template: str, **shown: object) -> str:
        """A template's HTML, with `visit` in it."""
        return self.frame.templates.get_template(template).render(visit=self, **{"section": "", **shown})

    def said(self, text: str, tone: Tone = "done") -> Response:
        """Nothing but a toast."""
        return tell(Response(status_code=204), text, tone)

    def go(self, path: str, *, toast: str = "") -> Response:
        """Onward to another page of the console, for forms with and without htmx."""
        status, header = (204, "HX-Redirect") if self.partial else (303, "Location")
        response = Response(status_code=status, headers={header: path, "Cache-Control": "no-store"})
        if toast:
            response.set_cookie(SAID, quote(toast), max_age=20, path="/console", samesite="lax")
        return response

    def follow(self, keys: Sequence[str], draw: Draw, *, note: Note | None = None) -> Response:
        """The stream of a live page: its parts by event name, whenever one of the Live keys is woken.

        The bell hears of its reader's notices by the same stream: an event `notices`.
        """
        frame, rings = self.frame, {notices_key(self.tenant, self.actor.id): "notices"}
        return streaming(
            follow(
                frame.live,
                keys,
                draw,
                note=note,
                rings=rings,
                still=self._still_signed_in,
                beat=frame.beat,
            )
        )

    async def _still_signed_in(self) -> bool:
        try:
            access = await self.frame.access(self.request)
            access.tenant(self.tenant, self.role)
        except (SignInNeeded, Permanent):
            return False
        return True


def tell(response: Response, text: str = "", tone: Tone = "done", *, closes: str = "") -> Response:
    """The response, with a toast, and a dialog to close, that htmx hands to the page."""
    told: dict[str, object] = {"toast": {"text": text, "tone": tone}} if text else {}
    if closes:
        told["closes"] = {"dialog": closes}
    response.headers["HX-Trigger"] = json.dumps(told)  # ASCII, as headers are
    return response
