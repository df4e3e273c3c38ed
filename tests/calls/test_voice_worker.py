"""A voice worker in realtime mode, from the caller's side: the real LiveKit server, a model by a script."""

import asyncio
import sqlite3
import time
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from livekit import api

from shared.desk.calls.document import edit_call
from shared.desk.calls.rooms import plan_of
from shared.desk.hand_back import hand_back
from shared.desk.take import take
from shared.domain.calls import Figures
from shared.domain.colleagues import Actor
from shared.domain.instants import stamp
from shared.ports import Delete, Put, Query
from tests.calls.caller import calling, telephoning
from tests.calls.talking import HELLO, desk, hears, model, over, says, scenes, understood
from tests.standins.live_script import Asked, GoAway, Heard, Says, ToolCall

__all__ = ["desk", "model", "scenes"]
pytestmark = pytest.mark.asyncio(loop_scope="module")

PRIYA = Actor(id="priya", name="Priya", role="human_agent")


async def test_a_caller_is_greeted_and_answered_and_every_word_is_written_down(desk, model, scenes):
    """The caller hears the greeting and the answer; captions reach the room, and both sides the store.

    How long they waited is among the call's figures: the quiet that ends a turn, and the model's time.
    """
    scenes(Heard("what are your opening hours"), Says("We are open day and night."))
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await hears(caller, HELLO)
        await asyncio.sleep(0.5)
        stopped = await says(model, caller, "what are your opening hours")
        await hears(caller, "We are open day and night.", stopped)
        await caller.reads("opening hours")
        await desk.comes(lambda: _count(desk, call, 3))
    ended = await over(desk, call)

    assert [
        ("desk", HELLO),
        ("customer", "what are your opening hours"),
        ("desk", "We are open day and night."),
    ] == understood(await desk.said(call))
    assert ("completed", "the caller hung up", True) == (ended.outcome, ended.reason, ended.figures.turns > 0)
    assert ended.answered_at
    assert ended.first_word_at
    assert 1 == ended.generation
    assert ended.figures.sync_ms is not None
    assert 700 < ended.figures.latency_ms["whole"][0]
    assert [] == model.complaints
    assert "resolved" == (await desk.head(call)).state


async def test_a_slot_is_booked_by_voice_and_stands_in_the_calendar(desk, model, scenes):
    """What the model books through its tools is a booking like one made in chat, and the caller is told."""
    scenes(
        Heard("do you have a slot tomorrow"),
        ToolCall("check_slots", {}),
        Says("There is one. Shall I book it?"),
        Heard("yes please book it"),
        ToolCall(
            "book_slot",
            {"slot": "=check_slots.slots[0].slot", "name": "Asha Rao", "phone": "+4930111222"},
        ),
        Says("It is booked."),
    )
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await hears(caller, HELLO)
        await asyncio.sleep(0.5)
        await says(model, caller, "do you have a slot tomorrow")
        await hears(caller, "There is one. Shall I book it?")
        await asyncio.sleep(0.5)
        await says(model, caller, "yes please book it")
        await hears(caller, "It is booked.")
    await over(desk, call)

    assert 1 == len(await desk.bookings(call))


async def test_the_model_ends_the_call_after_its_goodbye(desk, model, scenes):
    """end_call closes the line once the goodbye was heard, not before."""
    scenes(
        Heard("thank you goodbye"),
        ToolCall("end_call", {"reason": "all settled"}),
        Says("Goodbye and take care."),
    )
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await hears(caller, HELLO)
        await asyncio.sleep(0.5)
        stopped = await says(model, caller, "thank you goodbye")
        await asyncio.wait_for(caller.ended.wait(), 15)
        assert caller.recording.first_audio_after(stopped)
    ended = await over(desk, call)

    assert ("completed", "all settled") == (ended.outcome, ended.reason)
    assert ("desk", "Goodbye and take care.") == (await desk.said(call))[-1]


async def test_a_store_that_is_away_at_the_end_leaves_nobody_on_a_silent_line(desk, model, scenes):
    """The caller is let go after the goodbye; the call is written down when the store is back.

    What the jobs before measured is in its figures.
    """
    scenes(Heard("thank you goodbye"), ToolCall("end_call", {"reason": "settled"}), Says("Goodbye."))
    call = await desk.begun(await desk.services.versions.published("front"))
    await edit_call(
        desk.services,
        "acme",
        call.id,
        lambda one, _: msgspec.structs.replace(one, figures=Figures(silences=7)),
    )
    await desk.services.livekit().create_room(call.room, plan_of("acme", "front", call.id))
    away = sqlite3.connect(
        Path(desk.environment["FRONTDESK_DATA"]) / "frontdesk.sqlite", isolation_level=None
    )
    async with calling(desk.livekit, call.room) as caller:
        await hears(caller, HELLO)
        await asyncio.sleep(0.5)
        await says(model, caller, "thank you goodbye")
        await desk.comes(lambda: _stage(desk, call, "closing"))
        away.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        await asyncio.wait_for(caller.ended.wait(), 15)
        waited = time.monotonic() - began
    await asyncio.sleep(max(0.0, 9 - waited))
    away.rollback()
    away.close()
    ended = await desk.comes(lambda: _ended(desk, call), 25)

    assert waited < 7
    assert ("completed", "settled") == (ended.outcome, ended.reason)
    assert 7 <= ended.figures.silences


async def test_a_person_who_takes_the_call_silences_the_desk_until_they_hand_it_back(desk, model, scenes):
    """Handed over, the caller is told and held; taken, the desk is deaf and dumb; handed back, it goes on."""
    scenes(
        Heard("I want to talk to a person"),
        ToolCall("hand_over", {"reason": "asked for a person"}),
        Says("I am passing you to a colleague."),
        Asked("You have the call again"),
        Says("I am back. Anything else?"),
        Heard("what are your opening hours"),
        Says("We are open day and night."),
    )
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await hears(caller, HELLO)
        await asyncio.sleep(0.5)
        await says(model, caller, "I want to talk to a person")
        await hears(caller, "I am passing you to a colleague.")
        await desk.comes(lambda: _state(desk, call, "transferring"))
        held = time.monotonic()
        await asyncio.sleep(4)
        assert caller.recording.longest_silence(held, time.monotonic()) < 2
        await take(desk.services, "acme", call.conversation, by=PRIYA)
        await desk.comes(lambda: _state(desk, call, "with_person"))
        async with calling(desk.livekit, call.room, "person-priya"):
            await asyncio.sleep(1)
            silenced = time.monotonic()
            await caller.say("what are your opening hours")
            await asyncio.sleep(4)
            assert None is caller.recording.first_audio_after(silenced)
            await hand_back(desk.services, "acme", call.conversation, by=PRIYA, summary="Wants a morning.")
            await hears(caller, "I am back. Anything else?", silenced)
        await asyncio.sleep(0.5)
        stopped = await says(model, caller, "what are your opening hours")
        await hears(caller, "We are open day and night.", stopped)
    await over(desk, call)


async def test_a_caller_by_telephone_is_whoever_dialled_the_desks_number(desk, scenes):
    """A room that LiveKit's own rule made is a call of the desk whose number was dialled; keys are heard."""
    scenes(Asked("pressed 2"), Says("You chose two."))
    room = f"call-front-{uuid4().hex}"
    async with telephoning(desk.livekit, room, "+4917011122", "+4930901820") as caller:
        await _send(desk, room, '{"tenant":"acme","desk":"front"}')
        await hears(caller, HELLO)
        await caller.dial("2")
        await hears(caller, "You chose two.")
        calls = [one.data for one in (await desk.store.query("calls", Query())).documents]
    found = next(one for one in calls if one["room"] == room)

    assert ("inbound", "+4930901820", "+4917011122") == (
        found["direction"],
        found["account"],
        found["contact"],
    )
    assert "phone" == (await desk.store.get(f"conversations/{found['conversation']}")).data["channel"]


async def test_a_telephone_hears_that_all_lines_are_busy_and_is_hung_up(desk, scenes):
    """No more calls than the desk's file allows, also where LiveKit's own rule lets them in."""
    scenes(Asked("All lines of Acme Clinic are busy"), Says("All our lines are busy."))
    now = stamp(desk.services.ports.clock.now())
    held = {f"held-{number}": now for number in range(50)}
    lines = Put("lines/front.all", {"shape": 1, "calls": held})
    await desk.store.commit([lines])
    room = f"call-front-{uuid4().hex}"
    try:
        async with telephoning(desk.livekit, room, "+4917011122", "+4930901820") as caller:
            await _send(desk, room, '{"tenant":"acme","desk":"front"}')
            await hears(caller, "All our lines are busy.")
            await asyncio.wait_for(caller.ended.wait(), 15)
    finally:
        await desk.store.commit([Delete("lines/front.all")])
    calls = [one.data for one in (await desk.store.query("calls", Query())).documents]
    found = next(one for one in calls if one["room"] == room)

    assert ("ended", "busy") == (found["state"], found["outcome"])


@pytest.mark.parametrize(
    "metadata",
    [
        "not json",
        '{"tenant":"other","desk":"front","call":"CALL"}',  # another tenant's name on our desk
        '{"tenant":"acme","desk":"other","call":"CALL"}',
        '{"tenant":"acme","desk":"front","call":"unknown"}',
        "",  # nobody by telephone is there
    ],
)
async def test_a_job_whose_errand_is_not_the_calls_own_lets_go(desk, model, metadata):
    """A wrong errand is refused: nobody speaks, and the call stays untaken."""
    published = await desk.services.versions.published("front")
    call = await desk.begun(published)
    async with calling(desk.livekit, call.room) as caller:
        await _send(desk, call.room, metadata.replace("CALL", call.id))
        await asyncio.sleep(2)

    assert None is caller.recording.first_audio_after(0)
    assert 0 == (await desk.now(call)).generation


async def test_a_claim_in_a_callers_own_metadata_is_nobodys_errand(desk):
    """A browser that says it is a telephone of a number of ours is not believed."""
    room = f"call-front-{uuid4().hex}"
    attributes = {"sip.trunkPhoneNumber": "+4930901820", "sip.phoneNumber": "+4917011122"}
    before = await desk.store.count("calls")
    async with calling(desk.livekit, room, attributes=attributes, metadata='{"desk":"front"}') as caller:
        await _send(desk, room, "")
        await asyncio.sleep(3)

    assert None is caller.recording.first_audio_after(0)
    assert before == await desk.store.count("calls")


async def test_a_new_connection_before_the_vendors_end_loses_nothing(desk, model, scenes):
    """After goAway the talk goes on over another connection, with its history; a tool acts once."""
    scenes(
        Heard("do you have a slot tomorrow"),
        ToolCall("check_slots", {}),
        Says("There is one. Shall I book it?"),
        Heard("yes please book it"),
        ToolCall("book_slot", {"slot": "=check_slots.slots[0].slot", "name": "Asha", "phone": "+4930111222"}),
        Says("It is booked."),
    )
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await hears(caller, HELLO)
        await asyncio.sleep(0.5)
        await says(model, caller, "do you have a slot tomorrow")
        await hears(caller, "There is one. Shall I book it?")
        sessions = len(model.sessions)
        model.now(GoAway(seconds=8))
        await desk.until(lambda: len(model.sessions) > sessions)
        await asyncio.sleep(1)
        await says(model, caller, "yes please book it")
        await hears(caller, "It is booked.")
    await over(desk, call)

    assert sessions + 1 == len(model.sessions)
    assert [] == model.complaints
    said = [text for _, text in understood(await desk.said(call))]
    assert len(said) == len(set(said))


async def _count(desk, call, count):
    return len(await desk.said(call)) >= count


async def _stage(desk, call, stage):
    return (await desk.now(call)).stage == stage


async def _ended(desk, call):
    found = await desk.now(call)
    return found if found.state == "ended" else None


async def _state(desk, call, state):
    return (await desk.now(call)).state == state


async def _send(desk, room, metadata):
    request = api.CreateAgentDispatchRequest(agent_name=desk.agent, room=room, metadata=metadata)
    await desk.api.agent_dispatch.create_dispatch(request)
