"""A person is brought into a call by telephone: rung, briefed alone, connected when they accept.

Nothing dials here: in place of LiveKit's SIP server a participant of kind sip comes into the room.
"""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec
import pytest
from livekit import api, rtc

from shared.config.calls import Transfer as Rules
from shared.desk.calls.acting import ask_person
from shared.domain.effects import HandOver
from shared.domain.handovers import Handover, handover_path
from tests import speech
from tests.calls.answering import answering
from tests.calls.caller import calling
from tests.standins.deepgram import Deepgram
from voice_service.call_state import CallState
from voice_service.comfort import Comfort
from voice_service.ears import ears_beside
from voice_service.talk import Hold
from voice_service.transfer import PHONE, RATE, Transfer

BRIEFING = "A caller wants a refund."


@asynccontextmanager
async def held(livekit, told=None, **voice):
    """A call whose caller waits for a person, with our agent and the caller in its room."""
    async with answering(livekit, told or {"GEMINI_API_KEY": "none"}) as there, AsyncExitStack() as inside:
        if voice:
            await there.publish(voice=voice)
        call, caller, room = await inside.enter_async_context(calling_in(there))
        published = await there.services.versions.published("front")
        state = await CallState.claim(there.services, "acme", call, job="j", worker="w")
        wanted = HandOver(reason="wants a refund", summary=BRIEFING)
        head = await ask_person(there.services, there.store, call, published.config, wanted)
        hold = Hold(
            process=there.process, services=there.services, store=there.store,
            state=state, published=published, room=room,
        )  # fmt: skip
        comfort = Comfort(room)
        comfort.begin(filler=False)
        try:
            yield there, hold, caller, head
        finally:
            await comfort.close()


@asynccontextmanager
async def calling_in(there):
    """The caller, and our agent, in a new call's room."""
    published = await there.services.versions.published("front")
    call = await there.begun(published)
    room = rtc.Room()
    token = api.AccessToken(there.livekit.key, there.livekit.secret).with_identity("agent").with_kind("agent")
    grants = api.VideoGrants(room_join=True, room=call.room, agent=True)
    async with calling(there.livekit, call.room) as caller:
        await room.connect(there.livekit.url, token.with_grants(grants).to_jwt())
        try:
            yield call, caller, room
        finally:
            await room.disconnect()


async def words(text):
    """The words as sound, as the desk's model would speak them."""
    pcm = await asyncio.to_thread(speech.pcm, text, RATE, "en")
    for at in range(0, len(pcm), RATE // 10 * 2):
        piece = pcm[at : at + RATE // 10 * 2].ljust(RATE // 10 * 2, b"\0")
        yield rtc.AudioFrame(piece, RATE, 1, RATE // 10)


@pytest.mark.parametrize(("key", "taken"), [("1", True), ("2", False)])
async def test_whoever_is_rung_hears_the_briefing_alone_and_decides(livekit, key, taken):
    """Before they accept, caller and person do not hear each other; accepted, they do: the call is theirs."""
    async with AsyncExitStack() as rung, held(livekit) as (there, hold, caller, head):
        came = asyncio.get_running_loop().create_future()

        async def dial(number, identity, seconds):
            attributes = {"sip.callStatus": "active", "sip.phoneNumber": number}
            joins = calling(livekit, hold.room.name, identity, kind="sip", attributes=attributes)
            came.set_result(await rung.enter_async_context(joins))

        transfer = Transfer(hold, Rules(numbers={"desk": "+4930555"}), dial=dial, speak=words)
        document = await there.store.get(handover_path(head.handover))
        known = msgspec.convert(document.data, Handover)
        ringing = asyncio.create_task(transfer.run(known))
        person = await asyncio.wait_for(came, 20)
        await person.hears(0, 20)
        await asyncio.sleep(2)
        apart = await person.say("can you hear me already")
        await caller.say("hello is anybody there")
        assert {"agent"} == {who.split()[0] for who in caller.recording.heard if heard(caller, who, apart[0])}
        assert {"agent"} == {who.split()[0] for who in person.recording.heard if heard(person, who, apart[0])}
        await person.dial(key)
        assert taken == await asyncio.wait_for(ringing, 15)
        state = (await there.head(hold.state.call)).state
        if taken:
            await asyncio.sleep(1)
            begun, _ = await person.say("good morning, I can help")
            await asyncio.sleep(1)
            assert heard(caller, f"{PHONE}1", begun)

    assert ("human_active" if taken else "handover") == state


@pytest.mark.parametrize(("answer", "taken"), [("yes put them through", True), ("no I cannot", False)])
async def test_whoever_is_rung_may_say_yes_or_no(livekit, job_context, answer, taken):
    """Where the desk has ears; what they say before they were asked is no answer."""
    with Deepgram() as deepgram:
        deepgram.know("yes put them through", "no I cannot", "yes")
        told = {"DEEPGRAM_API_KEY": deepgram.key, "DEEPGRAM_API_URL": deepgram.url}
        ears = {"stt": {"provider": "deepgram"}, "tts": {"provider": "deepgram"}}
        async with AsyncExitStack() as rung, held(livekit, told, **ears) as (there, hold, _, head):
            came = asyncio.get_running_loop().create_future()

            async def dial(number, identity, seconds):
                attributes = {"sip.callStatus": "active", "sip.phoneNumber": number}
                joins = calling(livekit, hold.room.name, identity, kind="sip", attributes=attributes)
                came.set_result(await rung.enter_async_context(joins))

            hears = await ears_beside(hold)
            rules = Rules(numbers={"desk": "+4930555"})
            transfer = Transfer(hold, rules, dial=dial, speak=words, hears=hears)
            document = await there.store.get(handover_path(head.handover))
            ringing = asyncio.create_task(transfer.run(msgspec.convert(document.data, Handover)))
            person = await asyncio.wait_for(came, 20)
            await person.hears(0, 20)
            await person.say("yes")
            await asyncio.sleep(1)
            early = ringing.done()
            while not ringing.done():  # a busy machine tears speech
                await person.say(answer)
                await asyncio.wait({ringing}, timeout=3)
            state = (await there.head(hold.state.call)).state

    assert (False, taken) == (early, ringing.result())
    assert ("human_active" if taken else "handover") == state


async def test_a_telephone_nobody_answers_is_let_be_and_the_next_is_rung(livekit):
    """One after the other, those of the department first; in vain, the call waits and listeners hear it."""
    rung = []
    async with held(livekit) as (there, hold, _, head):

        async def dial(number, _identity, _seconds):
            rung.append(number)

        rules = Rules(numbers={"desk": "+4930555", "lab": "+4930666"}, ring_seconds=5)
        transfer = Transfer(hold, rules, dial=dial, speak=words)
        wanted = Handover(
            id=head.handover, desk="front", conversation=hold.state.call.conversation, customer="k",
            channel="room", asked_at="", departments=("lab",),
        )  # fmt: skip

        assert not await transfer.run(wanted)
        assert "handover" == (await there.head(hold.state.call)).state
        async with calling(livekit, hold.room.name, "listener-priya") as listener:
            await listener.hears(0, 10)
    assert ["+4930666", "+4930555"] == rung


def heard(listener, who, since):
    """Whether somebody was heard in a room after an instant."""
    sound = listener.recording.heard.get(who, [])
    return any(abs(int.from_bytes(frame[at : at + 2], "little", signed=True)) > 300
               for instant, frame in sound if instant > since for at in range(0, len(frame), 2))  # fmt: skip
