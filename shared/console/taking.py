"""What people do with a conversation: take, pass on, hand back, resolve, reopen, put off."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.console.clock_field import from_field, in_field
from shared.console.conversation import Talk, talk
from shared.console.frame import Frame
from shared.console.inbox import Inbox
from shared.console.visit import Visit
from shared.desk.assign import assign
from shared.desk.hand_back import hand_back
from shared.desk.propose_summary import propose
from shared.desk.resolve import reopen, resolve
from shared.desk.seen import seen
from shared.desk.services import Services
from shared.desk.snooze import LONGEST, snooze
from shared.desk.take import take
from shared.domain.colleagues import has_room, is_there
from shared.domain.errors import Permanent
from shared.security.staff import everyone

MORNING = time(9)
PUT_OFF = "Put off; it comes back by itself, or when the customer writes."


@dataclass(frozen=True, slots=True)
class Taking:
    """The changes, each answered by the inbox as it then is."""

    services: Services
    inbox: Inbox

    async def take(self, visit: Visit) -> Response:
        """POST take."""
        conversation = _named(visit)
        await take(self.services, visit.tenant, conversation, by=visit.actor)
        return await self.inbox.done(visit, conversation, "You have this conversation; the desk is silent.")

    async def ask_assign(self, visit: Visit) -> Response:
        """GET assign: whom it may be given to, those who are there first."""
        found, now = await self._talk(visit), self.services.ports.clock.now()
        people = [one for one in await everyone(visit.store) if not one.removed]
        people.sort(key=lambda one: (not is_there(one, now), not has_room(one), one.name.casefold()))
        there = {one.id for one in people if is_there(one, now)}
        return self._form(visit, "console/assign.html", "Assign", talk=found, people=people, there=there)

    async def assign(self, visit: Visit) -> Response:
        """POST assign; `to` is a colleague's id, empty for the queue."""
        conversation, to = _named(visit), visit.form["to"]
        await assign(self.services, visit.tenant, conversation, to=to, by=visit.actor)
        return await self.inbox.done(
            visit, conversation, "Assigned." if to else "Back in the queue.", closes="act"
        )

    async def _ending(self, visit: Visit, template: str, act: str) -> Response:
        """A form that ends a person's part, with what to leave behind proposed."""
        found = await self._talk(visit)
        proposal = await propose(self.services, visit.tenant, found.id)
        return self._form(visit, template, act, talk=found, proposal=proposal)

    async def ask_hand_back(self, visit: Visit) -> Response:
        """GET hand-back: the form, with summary and promises proposed."""
        return await self._ending(visit, "console/hand_back.html", "Hand back")

    async def hand_back(self, visit: Visit) -> Response:
        """POST hand-back."""
        conversation, form = _named(visit), visit.form
        await hand_back(
            self.services,
            visit.tenant,
            conversation,
            by=visit.actor,
            summary=form["summary"],
            promises=form.all("promises"),
        )
        return await self.inbox.done(visit, conversation, "The desk has it again.", closes="act")

    async def ask_resolve(self, visit: Visit) -> Response:
        """GET resolve: the form, with a summary proposed."""
        return await self._ending(visit, "console/resolve.html", "Resolve")

    async def resolve(self, visit: Visit) -> Response:
        """POST resolve; `lesson` is what the desk should have known."""
        conversation, form = _named(visit), visit.form
        await resolve(
            self.services,
            visit.tenant,
            conversation,
            by=visit.actor,
            summary=form["summary"],
            promises=form.all("promises"),
            lesson=form["lesson"],
            upto=form.number("upto", least=0, most=999_999_999) if form["upto"] else None,
        )
        return await self.inbox.done(visit, conversation, "Resolved.", closes="act")

    async def reopen(self, visit: Visit) -> Response:
        """POST reopen."""
        conversation = _named(visit)
        await reopen(self.services, visit.tenant, conversation, by=visit.actor)
        return await self.inbox.done(visit, conversation, "Open again, and yours.")

    async def ask_snooze(self, visit: Visit) -> Response:
        """GET snooze: the form for a date and a time, tomorrow morning proposed."""
        found = await self._talk(visit)
        zone, now = self._clock(found)
        return self._put_off(visit, found, until=in_field(later("tomorrow", now), zone))

    async def snooze(self, visit: Visit) -> Response:
        """POST snooze; `until` is a date and a time, `for` a wish `later` knows, empty to take it up again.

        A date that will not do comes back in its form, with what is wrong.
        """
        conversation, form, until = _named(visit), visit.form, None
        if form.fields.get("until"):
            return await self._snooze_until(visit)
        if wish := form["for"]:
            until = later(wish, self._clock(await self._talk(visit))[1])
        await snooze(self.services, visit.tenant, conversation, until=until, by=visit.actor)
        return await self.inbox.done(visit, conversation, PUT_OFF if until else "Back in the inbox.")

    async def _snooze_until(self, visit: Visit) -> Response:
        found, written = await self._talk(visit), visit.form["until"]
        try:
            until = from_field(written, ZoneInfo(found.zone))
            await snooze(self.services, visit.tenant, found.id, until=until, by=visit.actor)
        except Permanent as error:
            return self._put_off(visit, found, until=written, mistake=str(error))
        return await self.inbox.done(visit, found.id, PUT_OFF, closes="act")

    async def seen(self, visit: Visit) -> Response:
        """POST seen; `upto` is the newest message that was shown."""
        upto = visit.form.number("upto", least=0, most=999_999_999)
        await seen(self.services, visit.tenant, _named(visit), upto=upto, by=visit.actor)
        return Response(status_code=204)

    async def _talk(self, visit: Visit) -> Talk:
        found = await talk(self.services, visit, _named(visit), self.inbox.wanted(visit))
        if found is None:
            raise Refused(404, "There is no such conversation here; it may be gone by its retention.")
        return found

    def _clock(self, found: Talk) -> tuple[ZoneInfo, datetime]:
        """The business's zone, and now by its clock."""
        zone = ZoneInfo(found.zone)
        return zone, self.services.ports.clock.now().astimezone(zone)

    def _put_off(self, visit: Visit, found: Talk, *, until: str, mistake: str = "") -> Response:
        zone, now = self._clock(found)
        bounds = {"least": in_field(now + timedelta(minutes=1), zone), "most": in_field(now + LONGEST, zone)}
        shown = {"until": until, "clock": now.strftime("%H:%M"), "mistake": mistake, **bounds}
        return self._form(
            visit, "console/put_off.html", "Put off", 422 if mistake else 200, talk=found, **shown
        )

    def _form(self, visit: Visit, body: str, title: str, status: int = 200, **shown: Any) -> Response:
        """The body of the dialog, or without htmx a page with it."""
        shown |= {"query": self.inbox.wanted(visit).query()}
        if visit.partial:
            return visit.fragment(body, status, into="#act-body", **shown)
        return visit.page("console/act.html", status, section="inbox", body=body, act=title, **shown)


def later(wish: str, now: datetime) -> datetime:
    """When a conversation that is put off comes back, by the desk's own clock. Raises Refused."""
    if wish == "hour":
        return now + timedelta(hours=1)
    if wish == "hours":
        return now + timedelta(hours=3)
    days = {"tomorrow": 1, "week": 7 - now.weekday()}.get(wish)
    if days is None:
        raise Refused(422, "Choose until when.")
    return datetime.combine(now.date() + timedelta(days=days), MORNING, now.tzinfo)


def _named(visit: Visit) -> str:
    name: str = visit.request.path_params["conversation"]
    return name


def routes(frame: Frame, taking: Taking) -> list[Route]:
    """What the buttons and dialogs of a conversation ask for."""
    at = "/inbox/{conversation}"
    return [
        frame.post(f"{at}/take", taking.take),
        frame.get(f"{at}/assign", taking.ask_assign),
        frame.post(f"{at}/assign", taking.assign),
        frame.get(f"{at}/hand-back", taking.ask_hand_back),
        frame.post(f"{at}/hand-back", taking.hand_back),
        frame.get(f"{at}/resolve", taking.ask_resolve),
        frame.post(f"{at}/resolve", taking.resolve),
        frame.post(f"{at}/reopen", taking.reopen),
        frame.get(f"{at}/snooze", taking.ask_snooze),
        frame.post(f"{at}/snooze", taking.snooze),
        frame.post(f"{at}/seen", taking.seen),
    ]
