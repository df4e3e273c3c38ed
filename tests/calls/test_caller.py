"""A caller in a real room: heard as they spoke, hearing with times, seen as the SIP server shows one."""

import asyncio
import time
from uuid import uuid4

import psutil
import pytest
from livekit import api, rtc

from tests import speech
from tests.calls.caller import MissingNetworkError, calling, need_network, telephoning
from tests.calls.recording import Recording


@pytest.fixture
def room():
    return f"room-{uuid4().hex}"


async def test_one_hears_what_the_other_says(livekit, room):
    """Words and tones arrive as they were, soon after they left the microphone; between them is silence."""
    async with calling(livekit, room, "ann") as ann, calling(livekit, room, "bob") as bob:
        await bob.sees(identity="ann")
        await asyncio.sleep(0.5)
        begun, ended = await ann.say("I want to book a blood test")
        await bob.hears_words("I want to book a blood test")
        first = await bob.hears(begun)
        await asyncio.sleep(1)
        tone_begun, tone_ended = await ann.play(speech.tone(600, 0.5))
        await asyncio.sleep(0.3)

    heard = bob.recording
    assert 0 < first - begun < 0.5
    assert not heard.has_words("what are your opening hours")
    assert heard.has_tone(600, tone_begun + 0.15, tone_ended)
    assert not heard.has_tone(440, tone_begun + 0.15, tone_ended)
    assert heard.longest_silence(begun, ended) < 0.5
    assert tone_begun - ended == pytest.approx(heard.longest_silence(begun, tone_ended), abs=0.4)
    assert [] == ann.recording.audible


async def test_captions_and_data_are_kept(livekit, room):
    """A text stream of transcription is a caption with its attributes; other data is data."""
    async with calling(livekit, room, "ann") as ann, calling(livekit, room, "bob") as bob:
        await ann.sees(identity="bob")
        said = {"lk.transcription_final": "true", "lk.segment_id": "SG_1"}
        speaker = ann.room.local_participant
        await speaker.send_text("We are open.", topic="lk.transcription", attributes=said)
        await speaker.publish_data("ping", topic="test")
        caption = await bob.reads("we are open")
        async with asyncio.timeout(5):
            while not bob.data:  # noqa: ASYNC110 - the room has no event to wait for
                await asyncio.sleep(0.01)

    assert ("ann", "We are open.", True) == (caption.who, caption.text, caption.final)
    assert "SG_1" == caption.attributes["lk.segment_id"]
    assert [(b"ping", "test")] == [(packet.data, packet.topic) for packet in bob.data]


async def test_a_telephone_is_shown_as_the_sip_server_shows_one(livekit, room):
    """Its kind, its numbers, the change of its state and the keys it presses reach the others."""
    async with (
        calling(livekit, room, "ann") as ann,
        telephoning(livekit, room, "+4915112345", "+4930111") as bob,
    ):
        seen = await ann.sees(kind=rtc.ParticipantKind.PARTICIPANT_KIND_SIP)
        await bob.dial("12#")
        await bob.room.local_participant.set_attributes({"sip.callStatus": "hangup"})
        async with asyncio.timeout(5):
            while len(ann.digits) < 3 or seen.attributes["sip.callStatus"] != "hangup":  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)

    assert ("sip_+4915112345", "+4915112345", "+4930111") == (
        seen.identity, seen.attributes["sip.phoneNumber"], seen.attributes["sip.trunkPhoneNumber"]
    )  # fmt: skip
    assert seen.attributes["sip.callID"].startswith("SCL_")
    assert ["1", "2", "#"] == ann.digits


async def test_who_is_sent_away_knows(livekit, room):
    """The end of a room reaches a caller, with LiveKit's reason."""
    async with (
        calling(livekit, room) as ann,
        api.LiveKitAPI(livekit.url, livekit.key, livekit.secret) as client,
    ):
        await client.room.delete_room(api.DeleteRoomRequest(room=room))
        async with asyncio.timeout(5):
            await ann.ended.wait()

    assert rtc.DisconnectReason.ROOM_DELETED == ann.why


def test_without_a_network_it_is_said_so(monkeypatch):
    """Where loopback alone is up, the message says what WebRTC needs and how to make it."""
    monkeypatch.setattr(psutil, "net_if_stats", dict)

    with pytest.raises(MissingNetworkError, match="ip link"):
        need_network()


def test_a_recording_knows_its_silences():
    """Silence is measured between sounds, and from and to the instants asked about."""
    recording, loud, now = Recording(), speech.tone(440, 0.01, 16_000), time.monotonic()
    for at in (1.0, 1.01, 4.0):
        recording.add("agent", now + at, loud)
    recording.add("agent", now + 2.0, bytes(320))

    assert now + 4.0 == recording.first_audio_after(now + 1.5)
    assert recording.first_audio_after(now + 5) is None
    assert 2.99 == pytest.approx(recording.longest_silence(now + 0.5, now + 5))
    assert 3.0 == pytest.approx(recording.longest_silence(now + 4, now + 7))
    assert loud * 2 == recording.pcm("agent", now, now + 1.5)
