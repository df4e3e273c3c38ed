"""What a desk's file says of calls: silence, lines heard whole, recordings; and what colleagues type."""

import asyncio
import time
from datetime import timedelta

import msgspec
import pytest

from shared.desk.calls.document import edit_call
from shared.desk.calls.spoken import said
from shared.desk.take import take
from shared.domain.colleagues import Actor
from shared.domain.instants import stamp
from shared.ports import Query
from tests.calls.caller import calling
from tests.calls.talking import HELLO, desk, hears, model, over, says, scenes
from tests.standins.live_script import Asked, Heard, Says, ToolCall

__all__ = ["desk", "model", "scenes"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
PRIYA = Actor(id="priya", name="Priya", role="human_agent")


async def test_a_caller_who_says_nothing_is_asked_and_then_let_go(desk, scenes):
    """After some silence the desk asks, after more it says goodbye and hangs up."""
    await desk.publish(voice={"silence": {"ask_after_seconds": 3, "hang_up_after_seconds": 7}})
    scenes(
        Asked("whether they are still there"), Says("Are you still there?"),
        Asked("does not answer"), Says("I end the call now. Goodbye."),
    )  # fmt: skip
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await hears(caller, HELLO)
        await caller.reads("Are you still there", 20)
        await caller.reads("I end the call now", 20)
        await asyncio.wait_for(caller.ended.wait(), 15)
    ended = await over(desk, call)

    assert ("completed", "the caller said nothing any more") == (ended.outcome, ended.reason)


async def test_a_call_that_another_job_takes_over_lasts_no_longer_for_it(desk, scenes):
    """The longest time is counted from the answering, and of call and room the shorter one holds."""
    await desk.publish(channels={"room": {"max_seconds": 60}})
    scenes(Asked("its longest time"), Says("Our time is up. Goodbye."))
    call = await desk.begun(await desk.services.versions.published("front"))
    before = stamp(desk.services.ports.clock.now() - timedelta(seconds=55))
    await edit_call(
        desk.services, "acme", call.id,
        lambda one, _: msgspec.structs.replace(one, state="active", answered_at=before, first_word_at=before),
    )  # fmt: skip
    await desk.dispatch(call, why="moved")
    async with calling(desk.livekit, call.room) as caller:
        await caller.reads("Our time is up", 20)
        await asyncio.wait_for(caller.ended.wait(), 15)
    ended = await over(desk, call)

    assert ("completed", "the longest time of a call") == (ended.outcome, ended.reason)


async def test_a_legal_line_is_heard_whole_and_an_announced_recording_is_kept(desk, model, scenes):
    """Nobody talks over the line: the model hears nothing meanwhile. The recording is a file with an end."""
    line = "This call is subject to the terms of our house, which you find on our page."
    recording = {"enabled": True, "consent": "announce", "words": "We record this call."}
    await desk.publish(voice={"uninterruptible": {"legal": [line]}, "recording": recording})
    scenes(Asked(line), Says(line), Asked("We record this call"), Says("We record this call."))
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await caller.hears(0, 20)
        before = len(model.log)
        await caller.say("what are your opening hours")
        await caller.reads("We record this call", 20)
        began = [one for one in model.log[before:] if one.kind == "speech_started"]
        await hears(caller, HELLO)
        await asyncio.sleep(2)
    ended = await over(desk, call)
    (blob,) = ended.blobs
    sound = await desk.services.ports.blobs.get(blob)

    assert [] == began
    assert ("desk", line) == (await desk.said(call))[0]
    assert "kept" == ended.recording
    assert b"OggS" == sound[0][:4]
    kept = await desk.store.query("kept_files", Query())
    assert blob in [one.data["blob"] for one in kept.documents]


async def test_what_is_said_into_a_price_is_answered_after_it(desk, model, scenes):
    """Nobody talks over a price; a caller who says yes meanwhile is heard when it is over."""
    await desk.publish()
    price = "That costs five hundred rupees in all, shall I book it for you tomorrow morning at nine?"
    scenes(Heard("how much is it", times=1), Says(price), Heard(), Says("Good, it is booked."))
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await hears(caller, HELLO)
        await asyncio.sleep(0.5)
        await says(model, caller, "how much is it")
        await caller.reads("That costs", 20)
        before = len(model.log)
        await caller.say("yes please")
        await caller.reads("it is booked", 20)
        turns = [one.kind for one in model.log[before:] if one.kind in ("interrupted", "speech_ended")]
    await over(desk, call)

    assert ["speech_ended"] == turns
    assert ("desk", price) in await desk.said(call)


@pytest.mark.parametrize(("agreed", "recording"), [(True, "kept"), (False, "refused")])
async def test_a_recording_that_is_asked_for_is_kept_only_after_a_yes(desk, model, scenes, agreed, recording):
    """The caller's answer decides; after a no there is no file."""
    await desk.publish(voice={"recording": {"enabled": True, "consent": "ask"}})
    scenes(
        Heard("let me think"), ToolCall("recording_consent", {"agreed": agreed}), Says("Thank you, noted.")
    )
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await hears(caller, HELLO)
        await asyncio.sleep(0.5)
        assert "asked" == (await desk.now(call)).recording
        await says(model, caller, "let me think")
        await caller.reads("Thank you, noted", 20)
        await asyncio.sleep(1)
    ended = await over(desk, call)

    assert recording == ended.recording
    assert bool(ended.blobs) == agreed


async def test_what_a_colleague_types_is_said_to_the_caller(desk, scenes):
    """Words that others put into the conversation are spoken, once, and written down no second time."""
    await desk.publish()
    scenes(Asked("Your parcel is here"), Says("Your parcel is here."))
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await hears(caller, HELLO)
        await take(desk.services, "acme", call.conversation, by=PRIYA)
        await desk.comes(lambda: _with_person(desk, call))
        published = await desk.services.versions.published("front")
        at = time.monotonic()
        await said(
            desk.services, desk.store, msgspec.structs.replace(call, id="typed"), "typed-1",
            "Your parcel is here.", config=published.config, by="priya",
        )  # fmt: skip
        await caller.reads("Your parcel is here", 20)
        await caller.hears(at)
        await asyncio.sleep(2)
    await over(desk, call)

    typed = [author for author, text in await desk.said(call) if text == "Your parcel is here."]
    assert ["human"] == typed


async def _with_person(desk, call):
    return (await desk.now(call)).state == "with_person"
