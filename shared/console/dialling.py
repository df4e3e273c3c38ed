"""Having the desk call somebody: from the card of a customer, or from a call that was promised."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.config.versions import Published
from shared.console.conversation import called
from shared.console.form import Form
from shared.console.frame import Frame
from shared.console.visit import Visit, tell
from shared.desk.callback_work import let_desk_call
from shared.desk.calls.dial import LONGEST, dial
from shared.desk.calls.may_call import number_of, switched_off
from shared.desk.customers import find
from shared.desk.services import Services
from shared.domain.callbacks import Callback
from shared.domain.errors import FrontdeskError, Permanent
from shared.domain.identity import new_id
from shared.domain.instants import instant
from shared.domain.planned_calls import PlannedCall

NOW = 60
"""Seconds until which a call that is due counts as made at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Who is to be called, as the page that asks knows them."""

    name: str
    number: str  # empty where none is known
    customer: str
    desk: str
    about: str = ""
    callback: str = ""


@dataclass(frozen=True, slots=True)
class Dialling:
    """The form and what it does."""

    services: Services

    async def ask(self, visit: Visit) -> Response:
        """GET /dial?customer=&desk=&number= or ?callback=: the form."""
        wanted = await self._wanted(visit, visit.request.query_params.get)
        return await self._form(visit, wanted, Form({}), "")

    async def dial(self, visit: Visit) -> Response:
        """POST /dial: the call is planned; why it is not stands in the form."""
        form = visit.form
        wanted = await self._wanted(visit, lambda name: form[name])
        try:
            planned = await self._planned(visit, wanted, form)
        except (Permanent, Refused) as error:
            return await self._form(visit, wanted, form, _sentence(error), 422)
        waits = (instant(planned.due) - self.services.ports.clock.now()).total_seconds()
        at = (await self._local(planned.due, form["desk"])).strftime("%d %b, %H:%M")
        said = f"Calling {wanted.name}." if waits < NOW else f"{wanted.name} is called at {at}."
        if not visit.partial:
            return visit.go(visit.path("/calls"), toast=said)
        return tell(Response(status_code=204), said, closes="act")

    async def _planned(self, visit: Visit, wanted: Wanted, form: Form) -> PlannedCall:
        asked: dict[str, Any] = {
            "purpose": form["purpose"],
            "number": form["number"],
            "opening": form["opening"],
            "due": await self._due(form),
            "once": form["once"],
            "by": visit.actor,
        }
        place = self.services, visit.tenant
        if wanted.callback:
            return await let_desk_call(*place, wanted.callback, form["desk"], **asked)
        return await dial(*place, form["desk"], customer=wanted.customer, **asked)

    async def _form(
        self, visit: Visit, wanted: Wanted, form: Form, mistake: str, status: int = 200
    ) -> Response:
        desks = [one for one in await self._desks(visit.tenant) if not switched_off(one.config)]
        shown: dict[str, Any] = {
            "wanted": wanted,
            "desks": [(one.desk, one.config.desk.name) for one in desks],
            "off": "" if desks else await self._why_off(visit.tenant, wanted.desk),
            "form": form,
            "mistake": mistake,
            "longest": LONGEST,
            "once": form["once"] or new_id(),
        }
        if visit.partial:
            return visit.fragment("console/dial.html", status, **shown)
        body = {"body": "console/dial.html", "act": "Call"}
        return visit.page("console/act.html", status, section="calls", **body, **shown)

    async def _why_off(self, tenant: str, desk: str) -> str:
        """What keeps the desk in question from calling out."""
        desks = await self._desks(tenant)
        asked = next((one for one in desks if one.desk == desk), desks[0] if desks else None)
        return switched_off(asked.config) if asked else "no desk is published"

    async def _desks(self, tenant: str) -> list[Published]:
        own = [desk for owner, desk in await self.services.versions.desks() if owner == tenant]
        return [one for desk in own if (one := await self.services.versions.published(desk))]

    async def _wanted(self, visit: Visit, told: Callable[[str], str | None]) -> Wanted:
        promised = told("callback") or ""
        if promised:
            document = await visit.store.get(f"callbacks/{promised}")
            if document is None:
                raise Refused(404, "There is no such promised call any more.")
            callback = msgspec.convert(document.data, Callback)
            name = called(await find(visit.store, callback.customer))
            return Wanted(
                name=callback.phone if name == "Visitor" else name,
                number=callback.phone,
                customer=callback.customer,
                desk=callback.desk,
                about=callback.about,
                callback=callback.id,
            )
        customer = await find(visit.store, told("customer") or "")
        if customer is None:
            raise Refused(404, "There is no such customer here.")
        return Wanted(
            name=called(customer),
            number=told("number") or number_of(customer),
            customer=customer.id,
            desk=told("desk") or "",
        )

    async def _due(self, form: Form) -> datetime | None:
        """When it is to ring, by the desk's own clock; None is now. Raises Refused."""
        if not form["due"]:
            return None
        try:
            local = datetime.fromisoformat(form["due"])
        except ValueError as error:
            raise Refused(422, "Choose a day and a time, or leave it empty for now.") from error
        return local.replace(tzinfo=await self._zone(form["desk"]))

    async def _local(self, at: str, desk: str) -> datetime:
        return instant(at).astimezone(await self._zone(desk))

    async def _zone(self, desk: str) -> ZoneInfo:
        published = await self.services.versions.published(desk)
        return ZoneInfo(published.config.desk.timezone if published else "UTC")


def _sentence(error: FrontdeskError | Refused) -> str:
    words = str(error)
    return words[:1].upper() + words[1:]


def routes(frame: Frame, services: Services) -> list[Route]:
    """The form at /dial, and what it does."""
    page = Dialling(services)
    return [frame.get("/dial", page.ask), frame.post("/dial", page.dial)]
