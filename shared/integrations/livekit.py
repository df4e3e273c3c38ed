"""LiveKit's side of calls over HTTP: rooms, who may enter them, agents sent into them, telephones.

Everything but the voice workers reaches LiveKit through here. What it refuses for good is Permanent, what
may work later is Transient; each names the setting or the thing to mend.
"""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Literal

import aiohttp
from livekit import api

from shared.domain.call_rooms import (
    Dial,
    Kind,
    NotAnswered,
    NotDialled,
    Participant,
    Pass,
    Room,
    RoomPlan,
    Trunk,
)
from shared.domain.errors import NotConnected, NotThere, Permanent, Transient

NANO = 1_000_000_000
_NUMBER = re.compile(r"\+?\d{6,}")  # rooms that LiveKit makes for callers have their numbers in their names
PATIENCE = 10.0  # seconds an answer may take
_LATER = {"unavailable", "deadline_exceeded", "resource_exhausted", "aborted", "canceled", "unknown"}
_UNHEARD = {"unavailable", "resource_exhausted"}
"""LiveKit's words for a request that nothing there has taken."""

_KINDS: dict[int, Kind] = {0: "standard", 3: "sip", 4: "agent"}


class LiveKit:
    """One project at LiveKit, or a server of one's own."""

    def __init__(self, *, url: str, pairs: Sequence[tuple[str, str]], agent: str) -> None:
        missing = [] if url else ["LIVEKIT_URL"]
        missing += [] if pairs else ["LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"]
        if missing:
            raise NotConnected(f"calls are not connected; set {', '.join(missing)}")
        self.url, self.agent = url, agent
        self._key, self._secret = pairs[0]
        self._opened: api.LiveKitAPI | None = None

    @property
    def _api(self) -> api.LiveKitAPI:
        if self._opened is None:  # opened late, since a session belongs to the loop that runs
            timeout = aiohttp.ClientTimeout(total=PATIENCE)
            self._opened = api.LiveKitAPI(self.url, self._key, self._secret, timeout=timeout)
        return self._opened

    async def close(self) -> None:
        """Close its connections."""
        if self._opened is not None:
            await self._opened.aclose()
            self._opened = None

    async def create_room(self, name: str, plan: RoomPlan) -> None:
        """Make a room, and send the agent into it; one that is there already stays as it is."""
        wanted = api.CreateRoomRequest(
            name=name,
            metadata=_written(plan.metadata),
            empty_timeout=plan.empty_seconds,
            departure_timeout=plan.departure_seconds,
            agents=self._agents(plan),
        )
        async with self._told(f"room {name}"):
            await self._api.room.create_room(wanted)

    async def rooms(self, names: Sequence[str] = ()) -> tuple[Room, ...]:
        """The rooms of these names that there are; all where none is named."""
        async with self._told("the list of rooms"):
            found = await self._api.room.list_rooms(api.ListRoomsRequest(names=names))
        return tuple(
            Room(name=one.name, metadata=one.metadata, since=_instant(one.creation_time))
            for one in found.rooms
        )

    async def delete_room(self, name: str) -> None:
        """Close a room and put everybody out; one that is gone is no error."""
        await self._unless_gone(self._api.room.delete_room(api.DeleteRoomRequest(room=name)), f"room {name}")

    async def participants(self, room: str) -> tuple[Participant, ...]:
        """Who is in a room; nobody where there is no such room, for so LiveKit answers."""
        async with self._told(f"room {room}"):
            found = await self._api.room.list_participants(api.ListParticipantsRequest(room=room))
        return tuple(
            Participant(
                identity=one.identity,
                kind=_KINDS.get(one.kind, "other"),
                attributes=dict(one.attributes),
                tracks=tuple(track.sid for track in one.tracks),
                since=_instant(one.joined_at),
            )
            for one in found.participants
        )

    async def remove(self, room: str, identity: str) -> None:
        """Put somebody out of a room; who has left is no error."""
        who = api.RoomParticipantIdentity(room=room, identity=identity)
        await self._unless_gone(self._api.room.remove_participant(who), f"{identity} in room {room}")

    async def mute(self, room: str, identity: str, track: str, *, muted: bool = True) -> None:
        """Silence what somebody publishes, or let it be heard again where the server allows that."""
        wanted = api.MuteRoomTrackRequest(room=room, identity=identity, track_sid=track, muted=muted)
        async with self._told(f"track {track} in room {room}"):
            await self._api.room.mute_published_track(wanted)

    async def subscribe(self, room: str, identity: str, tracks: Sequence[str], *, hears: bool) -> None:
        """Whether somebody hears these tracks."""
        wanted = api.UpdateSubscriptionsRequest(
            room=room, identity=identity, track_sids=tracks, subscribe=hears
        )
        async with self._told(f"{identity} in room {room}"):
            await self._api.room.update_subscriptions(wanted)

    async def tell(self, room: str, topic: str, data: Mapping[str, object]) -> None:
        """Send everybody in a room a few words as data; a hint, so a room that is gone is no error."""
        wanted = api.SendDataRequest(room=room, data=json.dumps(data).encode(), topic=topic)
        with suppress(Transient):  # of a room that is gone LiveKit says that no server answers
            await self._unless_gone(self._api.room.send_data(wanted), f"room {room}")

    async def dispatch(self, room: str, metadata: Mapping[str, str]) -> str:
        """Send the agent into a room with a job that carries `metadata`; the dispatch's id.

        LiveKit takes it also where no worker is registered, and then forgets it: look whether one came.
        """
        wanted = api.CreateAgentDispatchRequest(agent_name=self.agent, room=room, metadata=_written(metadata))
        async with self._told(f"room {room}"):
            return str((await self._api.agent_dispatch.create_dispatch(wanted)).id)

    async def sent_for(self, room: str) -> datetime | None:
        """When the agent was last sent for into a room, whoever did; None where nobody did."""
        async with self._told(f"room {room}"):
            found = await self._api.agent_dispatch.list_dispatch(room)
        return max((_instant(one.state.created_at // NANO) for one in found if one.agent_name), default=None)

    def token(self, wanted: Pass) -> str:
        """The token that lets somebody into a room; the first to enter makes the room by its plan."""
        grants = api.VideoGrants(
            room_join=True,
            room=wanted.room,
            can_publish=wanted.speaks,
            can_publish_sources=["microphone"] if wanted.speaks else None,
            can_publish_data=wanted.speaks,
            can_subscribe=True,
            can_update_own_metadata=False,
            hidden=wanted.hidden,
        )
        made = api.AccessToken(self._key, self._secret).with_identity(wanted.identity).with_name(wanted.name)
        made = made.with_grants(grants).with_ttl(timedelta(seconds=wanted.seconds))
        if wanted.plan is not None:
            made = made.with_room_config(self._configuration(wanted.plan))
        return made.to_jwt()

    async def trunks(self, way: Literal["in", "out"]) -> tuple[Trunk, ...]:
        """The trunks by which calls come in, or go out."""
        async with self._told("trunks"):
            if way == "in":
                coming = await self._api.sip.list_inbound_trunk(api.ListSIPInboundTrunkRequest())
                return tuple(_trunk(one.sip_trunk_id, one.name, one.numbers) for one in coming.items)
            going = await self._api.sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())
            return tuple(_trunk(one.sip_trunk_id, one.name, one.numbers) for one in going.items)

    async def add_inbound_trunk(self, name: str, numbers: Sequence[str], addresses: Sequence[str]) -> Trunk:
        """Take calls to these numbers from these networks. Raises Permanent where another trunk has one."""
        info = api.SIPInboundTrunkInfo(name=name, numbers=numbers, allowed_addresses=addresses)
        async with self._told(f"trunk {name}"):
            made = await self._api.sip.create_inbound_trunk(api.CreateSIPInboundTrunkRequest(trunk=info))
        return _trunk(made.sip_trunk_id, made.name, made.numbers)

    async def set_inbound_numbers(self, trunk: str, numbers: Sequence[str]) -> None:
        """The numbers a trunk takes calls to."""
        async with self._told(f"trunk {trunk}"):
            await self._api.sip.update_inbound_trunk_fields(trunk, numbers=list(numbers))

    async def add_outbound_trunk(
        self, name: str, numbers: Sequence[str], *, host: str, username: str, password: str
    ) -> Trunk:
        """Call out through `host`, showing one of these numbers."""
        info = api.SIPOutboundTrunkInfo(
            name=name, address=host, numbers=numbers, auth_username=username, auth_password=password
        )
        async with self._told(f"trunk {name}"):
            made = await self._api.sip.create_outbound_trunk(api.CreateSIPOutboundTrunkRequest(trunk=info))
        return _trunk(made.sip_trunk_id, made.name, made.numbers)

    async def rule(
        self, trunk: str, name: str, prefix: str, plan: RoomPlan, *, numbers: Sequence[str] = ()
    ) -> str:
        """The rule that gives each caller of a trunk a room of their own with the agent in it; its id.

        With `numbers` it is for calls to these alone, told letter by letter as the network writes them; it
        goes before one for all of the trunk. Found by its name, it is brought up to date.
        """
        info = api.SIPDispatchRuleInfo(
            name=name,
            trunk_ids=[trunk],
            numbers=numbers,
            rule=api.SIPDispatchRule(
                dispatch_rule_individual=api.SIPDispatchRuleIndividual(room_prefix=prefix)
            ),
            room_config=self._configuration(plan),
        )
        async with self._told(f"the dispatch rule {name}"):
            asked = api.ListSIPDispatchRuleRequest(trunk_ids=[trunk])
            found = (await self._api.sip.list_dispatch_rule(asked)).items
            ours = (one for one in found if trunk in one.trunk_ids and one.name == name)
            known = next((one.sip_dispatch_rule_id for one in ours), "")
            if known:
                made = await self._api.sip.update_dispatch_rule(known, info)
            else:
                asked_for = api.CreateSIPDispatchRuleRequest(dispatch_rule=info)
                made = await self._api.sip.create_dispatch_rule(asked_for)
        return str(made.sip_dispatch_rule_id)

    async def dial(self, wanted: Dial) -> str:
        """Begin to ring a telephone into a room, and return at once; the network's id of the call.

        Whether somebody answers its participant's `sip.callStatus` says. One that `waits` returns when they
        have, and raises NotAnswered where the network says why they did not: LiveKit tells that to nobody
        else. Raises NotDialled; of any other Transient it is not known whether it rings all the same, later.
        """
        request = dial_request(wanted)
        try:
            async with self._told(f"the call to {wanted.number}"):
                asked = self._api.sip.create_sip_participant(request, timeout=PATIENCE)
                return str((await asked).sip_call_id)
        except (Transient, Permanent) as error:
            if isinstance(error, Transient) and _unheard(error.__cause__):
                raise NotDialled(str(error), retry_after=error.retry_after) from error
            if isinstance(told := error.__cause__, api.SipCallError) and told.sip_status_code:
                raise NotAnswered(told.sip_status_code, told.sip_status or "") from error
            raise

    async def transfer(self, room: str, identity: str, number: str, *, ring_seconds: int) -> None:
        """Give a telephone call away to another number; it leaves the room."""
        wanted = api.TransferSIPParticipantRequest(
            room_name=room,
            participant_identity=identity,
            transfer_to=f"tel:{number}",
            play_dialtone=True,
        )
        wanted.ringing_timeout.seconds = ring_seconds
        async with self._told(f"{identity} in room {room}"):
            await self._api.sip.transfer_sip_participant(wanted)

    def _agents(self, plan: RoomPlan) -> list[api.RoomAgentDispatch]:
        if not plan.agent:
            return []
        return [api.RoomAgentDispatch(agent_name=self.agent, metadata=_written(plan.metadata))]

    def _configuration(self, plan: RoomPlan) -> api.RoomConfiguration:
        return api.RoomConfiguration(
            metadata=_written(plan.metadata),
            empty_timeout=plan.empty_seconds,
            departure_timeout=plan.departure_seconds,
            agents=self._agents(plan),
        )

    async def _unless_gone(self, asked: Awaitable[object], what: str) -> None:
        with suppress(NotThere):
            async with self._told(what):
                await asked

    @asynccontextmanager
    async def _told(self, what: str) -> AsyncIterator[None]:  # failures in the house's two families
        try:
            yield
        except api.ServerError as error:
            raise _failure(error, _NUMBER.sub("…", what)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Transient(
                f"LiveKit does not answer ({type(error).__name__}); check LIVEKIT_URL and the network"
            ) from error


def dial_request(wanted: Dial) -> api.CreateSIPParticipantRequest:
    """What LiveKit is asked to dial; it hears nothing before an answer."""
    request = api.CreateSIPParticipantRequest(
        sip_trunk_id=wanted.trunk,
        sip_call_to=wanted.number,
        sip_number=wanted.shown,
        room_name=wanted.room,
        participant_identity=wanted.identity,
        wait_until_answered=wanted.waits,
    )
    request.ringing_timeout.seconds = wanted.ring_seconds
    request.max_call_duration.seconds = wanted.most_seconds
    return request


def _failure(error: api.ServerError, what: str) -> Permanent | Transient:
    if "redis" in error.message:
        return NotConnected("LiveKit runs without Redis, which telephone calls need; give its server one")
    if error.status in (401, 403):
        return Permanent("LiveKit refuses our key; check LIVEKIT_API_KEY and LIVEKIT_API_SECRET")
    if error.code == "not_found":
        return NotThere(f"{what} is not at LiveKit: {error.message}")
    if error.code in _LATER or (error.code == "internal" and error.status >= 500):
        return Transient(f"LiveKit cannot do it now, {what}: {error.message} ({error.code})", retry_after=2)
    return Permanent(f"LiveKit refuses it, {what}: {error.message} ({error.code})")


def _unheard(cause: BaseException | None) -> bool:
    if isinstance(cause, api.ServerError):
        return cause.code in _UNHEARD and not isinstance(cause, api.SipCallError)
    return isinstance(cause, aiohttp.ClientConnectorError)


def _written(metadata: Mapping[str, str]) -> str:
    return json.dumps(dict(metadata), separators=(",", ":"))


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _trunk(identity: str, name: str, numbers: Sequence[str]) -> Trunk:
    return Trunk(id=identity, name=name, numbers=tuple(numbers))
