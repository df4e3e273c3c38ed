"""The one file that speaks with LiveKit, against the real server: rooms, passes, agents, errors."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

import jwt
import pytest
from house import until
from livekit import api, rtc

from shared.domain.call_rooms import CALLER, Pass, RoomPlan
from shared.domain.errors import NotConnected, NotThere, Permanent, Transient
from shared.integrations.livekit import LiveKit

WHOSE = {"tenant": "acme", "desk": "front", "call": "c1"}
PLAN = RoomPlan(metadata=WHOSE)


@pytest.fixture
async def rooms(livekit):
    """The project at the server, closed afterwards."""
    found = LiveKit(url=livekit.url, pairs=((livekit.key, livekit.secret),), agent="front-desk")
    yield found
    await found.close()


@pytest.fixture
def name():
    """A room nobody else has."""
    return f"voice_front-{uuid4().hex}"


async def inside(rooms, wanted):
    """Somebody who is in the room by a token."""
    room = rtc.Room()
    await room.connect(rooms.url, rooms.token(wanted))
    return room


async def publish(room):
    """Turn on a microphone."""
    source = rtc.AudioSource(48000, 1, 100)
    track = rtc.LocalAudioTrack.create_audio_track("mic", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    await room.local_participant.publish_track(track, options)
    return source


async def speak(source):
    """Make a sound, until cancelled."""
    frame = rtc.AudioFrame(b"\x00\x10" * 480, 48000, 1, 480)
    while True:
        await source.capture_frame(frame)


async def test_a_callers_token_makes_the_room_that_carries_our_metadata_and_sends_for_the_agent(rooms, name):
    """Who enters first makes the room as we signed it: whose it is, and the agent with the same words."""
    caller = await inside(rooms, Pass(room=name, identity=CALLER, plan=PLAN))
    (room,) = await rooms.rooms([name])
    (one,) = await rooms.participants(name)
    sent_for = (await rooms._api.agent_dispatch.list_dispatch(name))[0]
    await caller.disconnect()

    assert WHOSE == json.loads(room.metadata) == json.loads(sent_for.metadata)
    assert "front-desk" == sent_for.agent_name
    assert (CALLER, "standard") == (one.identity, one.kind)
    assert abs((datetime.now(UTC) - one.since).total_seconds()) < 5


async def test_a_caller_cannot_say_anything_of_themselves(rooms, name):
    """No token changes its holder's attributes, by which a telephone would be believed."""
    caller = await inside(rooms, Pass(room=name, identity=CALLER, plan=PLAN))
    await caller.local_participant.set_attributes({"sip.trunkPhoneNumber": "+912200000103"})
    (one,) = await rooms.participants(name)
    await caller.disconnect()

    assert {} == one.attributes


async def test_who_listens_is_seen_by_nobody_and_publishes_nothing(rooms, name):
    """A hidden colleague hears, and neither the caller's page nor the agent knows."""
    caller = await inside(rooms, Pass(room=name, identity=CALLER, plan=PLAN))
    listener = await inside(rooms, Pass(room=name, identity="listener-asha-1", speaks=False, hidden=True))
    with pytest.raises(rtc.participant.PublishTrackError):
        await publish(listener)
    seen = list(caller.remote_participants)
    await listener.disconnect()
    await caller.disconnect()

    assert [] == seen


async def test_a_colleague_is_put_out_and_muted(rooms, name):
    """Whoever is in a room can be silenced and removed; who has left already is no error."""
    colleague = await inside(rooms, Pass(room=name, identity="person-asha", name="Asha", plan=PLAN))
    gone = asyncio.Event()
    colleague.on("disconnected", lambda *_: gone.set())
    await publish(colleague)

    async def published():
        return bool((await rooms.participants(name))[0].tracks)

    await until(published)
    (one,) = await rooms.participants(name)
    await rooms.mute(name, one.identity, one.tracks[0])
    await rooms.remove(name, one.identity)
    await asyncio.wait_for(gone.wait(), 5)
    await rooms.remove(name, one.identity)

    assert 1 == len(one.tracks)


async def test_who_hears_what_is_decided_outside_the_room(rooms, name):
    """A caller hears no more of a track, and hears it again, while a briefing is given beside them."""
    heard, reading = Counter(), []

    async def listen(track):
        async for _ in rtc.AudioStream(track):
            heard["frames"] += 1

    caller = rtc.Room()
    caller.on("track_subscribed", lambda track, *_: reading.append(asyncio.create_task(listen(track))))
    await caller.connect(rooms.url, rooms.token(Pass(room=name, identity=CALLER, plan=PLAN)))
    colleague = await inside(rooms, Pass(room=name, identity="person-asha"))
    speaking = asyncio.create_task(speak(await publish(colleague)))
    await until(lambda: bool(heard))
    (track,) = next(one for one in await rooms.participants(name) if one.identity == "person-asha").tracks
    await rooms.subscribe(name, CALLER, [track], hears=False)
    await asyncio.sleep(1)
    heard.clear()
    await asyncio.sleep(1)
    silent = not heard
    await rooms.subscribe(name, CALLER, [track], hears=True)
    await until(lambda: bool(heard))
    for task in (speaking, *reading):
        task.cancel()
    await asyncio.gather(speaking, *reading, return_exceptions=True)
    await colleague.disconnect()
    await caller.disconnect()

    assert silent


async def test_a_telephone_is_given_away_by_the_sip_server(rooms, livekit, name):
    """Who is not in the room is for good; that no SIP server is here may be otherwise later."""
    with pytest.raises(NotThere):
        await rooms.transfer(name, "sip_1", "+919812345678", ring_seconds=1)
    token = api.AccessToken(livekit.key, livekit.secret).with_identity("sip_1").with_kind("sip")
    token = token.with_attributes({"sip.callID": "SCL_1", "sip.callStatus": "active"})
    telephone = rtc.Room()
    await telephone.connect(
        livekit.url, token.with_grants(api.VideoGrants(room_join=True, room=name)).to_jwt()
    )
    with pytest.raises(Transient, match="no response from servers"):
        await rooms.transfer(name, "sip_1", "+919812345678", ring_seconds=1)
    await telephone.disconnect()


async def test_data_reaches_the_callers_page(rooms, name):
    """What becomes of a call is told on a topic; a room that is gone hears nothing, and that is no error."""
    caller, heard = await inside(rooms, Pass(room=name, identity=CALLER, plan=PLAN)), asyncio.Queue()
    caller.on("data_received", heard.put_nowait)
    async with asyncio.timeout(10):
        while heard.empty():  # a data channel opens a moment after the room; what is told before is lost
            await rooms.tell(name, "frontdesk.call", {"event": "ended"})
            await asyncio.sleep(0.3)
    packet = heard.get_nowait()
    await rooms.delete_room(name)
    await rooms.tell(name, "frontdesk.call", {"event": "ended"})
    await rooms.delete_room(name)

    assert ("frontdesk.call", {"event": "ended"}) == (packet.topic, json.loads(packet.data))


async def test_a_room_is_made_with_the_agent_and_gone_when_closed(rooms, name):
    """A call of ours has its room before anybody is in it."""
    await rooms.create_room(name, PLAN)
    await rooms.create_room(name, PLAN)
    (room,) = await rooms.rooms([name])
    sent_for = await rooms._api.agent_dispatch.list_dispatch(name)
    await rooms.dispatch(name, WHOSE)
    again = await rooms._api.agent_dispatch.list_dispatch(name)
    await rooms.delete_room(name)

    assert WHOSE == json.loads(room.metadata)
    assert (["front-desk"], 2) == ([one.agent_name for one in sent_for], len(again))
    assert () == await rooms.rooms([name])
    assert () == await rooms.participants(name)


async def test_a_token_is_short_lived(rooms, name):
    """What is handed to a page must be used within two minutes."""
    claims = jwt.decode(rooms.token(Pass(room=name, identity=CALLER)), options={"verify_signature": False})

    assert 0 < claims["exp"] - datetime.now(UTC).timestamp() <= 120


async def test_a_refused_key_and_a_server_that_is_away_are_told_apart(livekit):
    """The first is for good and names the settings, the second may work later."""
    stranger = LiveKit(url=livekit.url, pairs=((livekit.key, "x" * 32),), agent="front-desk")
    away = LiveKit(url="ws://127.0.0.1:9", pairs=((livekit.key, livekit.secret),), agent="front-desk")
    with pytest.raises(Permanent, match="LIVEKIT_API_SECRET"):
        await stranger.rooms()
    with pytest.raises(Transient, match="LIVEKIT_URL"):
        await away.rooms()
    await stranger.close()
    await away.close()


def test_what_is_not_set_is_named():
    """Without its settings nothing is tried."""
    with pytest.raises(NotConnected, match="LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET"):
        LiveKit(url="", pairs=(), agent="front-desk")
