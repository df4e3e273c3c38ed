"""Whether somebody is there: what they say in their menu, and their open console's signs of life."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from shared.api.problems import Refused
from shared.console.frame import Frame
from shared.console.visit import Visit
from shared.domain.colleagues import Actor, Colleague, Presence

Beat = Callable[[str, Actor], Awaitable[Colleague]]
"""Given the tenant and who, notes a sign of life."""
Become = Callable[[str, Presence, Actor], Awaitable[Colleague]]
"""Given the tenant, what they say they are, and who, keeps it."""

_WORDS: dict[str, tuple[Presence, str]] = {
    "online": ("online", "You are online: conversations may be given to you."),
    "away": ("away", "You are away: you keep what you have and are given no more."),
    "offline": ("offline", "You are offline."),
}


@dataclass(frozen=True, slots=True)
class Presences:
    """What the console tells of whoever sits before it."""

    beat: Beat
    become: Become

    async def note(self, visit: Visit) -> Response:
        """POST /presence/beat: what they are, for their own menu."""
        colleague = await self.beat(visit.tenant, visit.actor)
        return _told(colleague)

    async def choose(self, visit: Visit) -> Response:
        """POST /presence: what they say they are."""
        said = _WORDS.get(visit.form["presence"])
        if said is None:
            raise Refused(422, "Choose online, away or offline.")
        return _told(await self.become(visit.tenant, said[0], visit.actor), said[1])


def _told(colleague: Colleague, words: str = "") -> Response:
    body = msgspec.json.encode({"presence": colleague.presence, "words": words})
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


def routes(frame: Frame, *, beat: Beat, become: Become) -> list[Route]:
    """POST /presence and /presence/beat."""
    presences = Presences(beat, become)
    return [
        frame.post("/presence/beat", presences.note),
        frame.post("/presence", presences.choose),
    ]
