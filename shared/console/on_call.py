"""What colleagues do with a call from its conversation: listen, join, end it, hear its recording."""

from dataclasses import dataclass

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.console.frame import Frame
from shared.console.inbox import Inbox
from shared.console.visit import Visit
from shared.desk.calls.enter import Entrance
from shared.desk.calls.hang_up import hang_up
from shared.desk.calls.tokens import join, listen
from shared.desk.inbox import row
from shared.desk.services import Services
from shared.domain.calls import Call, is_live


@dataclass(frozen=True, slots=True)
class OnCall:
    """The changes, and the two tokens a page's script asks for."""

    services: Services
    inbox: Inbox

    async def listen(self, visit: Visit) -> Response:
        """POST call/listen: the way into the call for ears alone."""
        call = await self._live(visit)
        return _told(await listen(self.services, visit.tenant, call.id, by=visit.actor))

    async def join(self, visit: Visit) -> Response:
        """POST call/join: the way in for somebody who speaks; the conversation is theirs from then on."""
        call = await self._live(visit)
        return _told(await join(self.services, visit.tenant, call.id, by=visit.actor))

    async def end(self, visit: Visit) -> Response:
        """POST call/end: everybody is put out."""
        call = await self._live(visit)
        await hang_up(self.services, visit.tenant, call.id, by=visit.actor)
        return await self.inbox.done(visit, call.conversation, "The call is ended.")

    async def recording(self, visit: Visit) -> Response:
        """GET call/recording?part=: a part of the sound that was kept, with both sides' leave."""
        call, part = await self._call(visit), visit.request.query_params.get("part", "0")
        place = int(part) if part.isdigit() and len(part) < 4 else 0
        kept = call.blobs[place : place + 1]
        found = await self.services.ports.blobs.get(kept[0]) if kept else None
        if found is None:
            raise Refused(404, "There is no recording of this call any more.")
        content, media_type = found
        headers = {
            "Cache-Control": "private, max-age=3600",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(content, media_type=media_type, headers=headers)

    async def _call(self, visit: Visit) -> Call:
        found = await row(self.services, visit.tenant, visit.request.path_params["conversation"])
        if found is None or found.call is None:
            raise Refused(404, "There is no such call here; it may be gone by its retention.")
        return found.call

    async def _live(self, visit: Visit) -> Call:
        call = await self._call(visit)
        if not is_live(call):
            raise Refused(409, "The call has ended meanwhile; what was said stands below.")
        return call


def _told(entrance: Entrance) -> Response:
    told = {"url": entrance.url, "token": entrance.token}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


def routes(frame: Frame, on_call: OnCall) -> list[Route]:
    """What the panel of a call asks for."""
    at = "/inbox/{conversation}/call"
    return [
        frame.post(f"{at}/listen", on_call.listen),
        frame.post(f"{at}/join", on_call.join),
        frame.post(f"{at}/end", on_call.end),
        frame.get(f"{at}/recording", on_call.recording),
    ]
