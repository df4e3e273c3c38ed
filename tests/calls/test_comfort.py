"""What a caller hears who waits, in a room of the real LiveKit server; who never waits is sent nothing."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
from livekit import api, rtc

from tests.calls.caller import calling
from voice_service.comfort import Comfort


@pytest.fixture
async def room(livekit):
    """A caller in a room with our agent: its side of the room, and the caller."""
    async with _together(livekit) as both:
        yield both


@asynccontextmanager
async def _together(livekit):
    ours = rtc.Room()
    token = api.AccessToken(livekit.key, livekit.secret).with_identity("agent").with_kind("agent")
    grants = api.VideoGrants(room_join=True, room="comfort", agent=True)
    async with calling(livekit, "comfort") as caller:
        await ours.connect(livekit.url, token.with_grants(grants).to_jwt())
        try:
            yield ours, caller
        finally:
            await ours.disconnect()


async def _sent(ours):
    """The packets of sound that left a room of ours."""
    stats = await ours.get_rtc_stats()
    return sum(
        one.outbound_rtp.sent.packets_sent
        for one in stats.publisher_stats
        if one.WhichOneof("stats") == "outbound_rtp"
    )


async def test_a_track_that_is_opened_beforehand_carries_nothing_until_somebody_waits(room):
    """It is heard at once then, is silent after, and is the only one, however many waits."""
    ours, caller = room
    comfort = Comfort(ours)
    comfort.open()
    await caller.sees(identity="agent")
    await asyncio.sleep(2)
    assert ["comfort"] == [one.name for one in ours.local_participant.track_publications.values()]
    assert 0 == await _sent(ours)
    for _ in range(2):
        began = time.monotonic()
        comfort.begin(filler=True)
        await caller.hears(began, 10)
        comfort.stop()
        assert not comfort.playing
        await asyncio.sleep(1)
        assert caller.recording.first_audio_after(time.monotonic() - 0.3) is None
        assert 1 == len(ours.local_participant.track_publications)
    sent = await _sent(ours)
    await asyncio.sleep(0.5)
    assert 0 < sent == await _sent(ours)
    await comfort.close()


async def test_a_wait_without_a_track_opens_one(room):
    """The tune goes on without a gap of half a second for as long as the wait lasts."""
    ours, caller = room
    comfort = Comfort(ours)
    began = time.monotonic()
    comfort.begin(filler=False)
    first = await caller.hears(began, 10)
    await asyncio.sleep(5)
    comfort.stop()
    assert caller.recording.longest_silence(first, first + 4.5) < 0.5
    await comfort.close()


async def test_a_wait_that_is_over_at_once_leaves_a_track_for_the_next(room):
    """Stopped while its track is being opened it is silent, and the next wait opens no second one."""
    ours, caller = room
    comfort = Comfort(ours)
    comfort.begin(filler=True)
    await asyncio.sleep(0)
    comfort.stop()
    await asyncio.sleep(1)
    assert caller.recording.first_audio_after(0) is None
    began = time.monotonic()
    comfort.begin(filler=False)
    await caller.hears(began, 10)
    assert 1 == len(ours.local_participant.track_publications)
    await comfort.close()


async def test_a_call_that_is_closed_sounds_no_more(room):
    """After the end nothing begins; a room that is gone takes no track, and that holds up no end."""
    ours, caller = room
    comfort = Comfort(ours)
    await comfort.close()
    comfort.begin(filler=True)
    assert not comfort.playing
    gone = Comfort(ours)
    await ours.disconnect()
    gone.begin(filler=True)
    await asyncio.sleep(0.5)
    await asyncio.wait_for(gone.close(), 5)
    assert not gone.playing
    assert caller.recording.first_audio_after(0) is None
