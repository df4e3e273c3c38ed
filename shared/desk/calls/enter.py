"""Lets a visitor call from the browser: the call begins, and a token leads them into its room."""

from dataclasses import dataclass

from shared.config.versions import Published
from shared.desk.calls.begin import Ringing, begin
from shared.desk.calls.lines import take_line
from shared.desk.calls.rooms import plan_of
from shared.desk.services import Services
from shared.domain.call_rooms import CALLER, Pass
from shared.domain.errors import Permanent, Transient
from shared.domain.identity import new_id


class AllLinesBusy(Transient):
    """The desk carries as many calls as it may; `retry_after` is in whole seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What somebody needs to be in a call's room."""

    url: str
    token: str
    room: str
    call: str


async def enter(
    services: Services,
    published: Published,
    visitor: str,
    *,
    external_id: str | None = None,
    language: str | None = None,
) -> Entrance:
    """A new call of a visitor's, and the way into its room, which opens when they use it.

    Raises Permanent where the desk has no voice or no room, AllLinesBusy, NotConnected.
    """
    config, livekit = published.config, services.livekit()
    room = config.channels.room
    if room is None or not room.enabled:
        raise Permanent(f"desk {published.desk} has no channels.room; add it to its file and publish")
    identity = new_id()
    await _line(services, published, identity)
    call = await begin(
        services,
        published,
        Ringing(
            id=identity,
            direction="browser",
            account=published.desk,
            contact=visitor,
            room=f"{room.room_prefix}{published.desk}-{identity}",
            external_id=external_id,
            language=language,
        ),
    )
    plan = plan_of(published.tenant, published.desk, call.id)
    token = livekit.token(Pass(room=call.room, identity=CALLER, plan=plan))
    return Entrance(url=livekit.url, token=token, room=call.room, call=call.id)


async def _line(services: Services, published: Published, call: str) -> None:
    """Take a line for the call. Raises AllLinesBusy."""
    store, most = services.tenant(published.tenant), published.config.voice.integration.max_concurrent_calls
    if not await take_line(services, store, published.desk, call, most, of="all"):
        name = published.config.desk.name
        raise AllLinesBusy(f"All lines of {name} are busy just now. Try again in a minute.", retry_after=30)
