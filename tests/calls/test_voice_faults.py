"""A voice worker when things break: nobody waits in silence, nothing is done twice, no call is lost."""

import asyncio
import time

import psutil
import pytest

from shared.ports import Query
from tests.calls.answering import answering
from tests.calls.caller import calling
from tests.calls.talking import HELLO, desk, hears, model, over, says, scenes, understood
from tests.standins.live_script import (
    After,
    Asked,
    Close,
    Drop,
    Heard,
    Opened,
    Refuse,
    Says,
    ToolCall,
    Transcribes,
    Withhold,
)

__all__ = ["desk", "model", "scenes"]
pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION, ANSWER = "do you have a slot tomorrow", "There is one at nine."
SILENCE = 3.0
"""Seconds that a caller may hear nothing while we owe them a word."""


@pytest.mark.parametrize(
    "fault",
    [
        [Drop()],  # the line breaks without a word
        [Close(1007)],  # the context is full; the plugin would give up
        [Close(1008)],  # a policy
        [Close(1011)],  # an error of the vendor's
        [Withhold()],  # the vendor takes everything and says nothing
        [
            Says("There is one at nine, and one at ten, and"),
            After(200),
            Drop(),
        ],  # in the middle of a word
    ],
    ids=lambda steps: "-".join(type(step).__name__ + str(getattr(step, "code", "")) for step in steps),
)
async def test_a_connection_that_breaks_leaves_no_silence(desk, model, scenes, fault):
    """The caller hears something within three seconds, and the answer, from another connection."""
    scenes(
        Heard(QUESTION, times=1), *fault,
        Asked("You were cut off"), Says(ANSWER),
        Asked("Answer what the caller"), Says(ANSWER),
        Asked("", times=0), Says(ANSWER),
        Heard(QUESTION), Says(ANSWER),
    )  # fmt: skip
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await hears(caller, HELLO)
        await asyncio.sleep(0.5)
        stopped = await says(model, caller, QUESTION)
        await caller.reads("one at nine.", 20)
        heard = await caller.hears(stopped)
        until = max(one.at for one in caller.captions if "one at nine." in one.text)
        silence = caller.recording.longest_silence(stopped, until)
    await over(desk, call)

    assert heard - stopped < SILENCE
    assert silence < SILENCE, silence


async def test_a_vendor_that_refuses_to_connect_is_asked_until_it_takes_us(desk, model, scenes):
    """Refused twice, the caller hears a sound that somebody is there, and then the answer."""
    scenes(
        Heard(QUESTION, times=1), Drop(),
        Opened(times=2), Refuse(503),
        Asked("Answer what the caller"), Says(ANSWER),
        Heard(QUESTION), Says(ANSWER),
    )  # fmt: skip
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await hears(caller, HELLO)
        await asyncio.sleep(0.5)
        stopped = await says(model, caller, QUESTION)
        await caller.reads("one at nine.", 20)
        silence = caller.recording.longest_silence(stopped, time.monotonic() - 1)
    await over(desk, call)

    assert silence < SILENCE, silence


async def _booked(desk, model) -> int:
    """How often a call books whose caller asks for it once."""
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await hears(caller, HELLO)
        await asyncio.sleep(0.5)
        await says(model, caller, "yes please book it")
        await caller.reads("It is booked", 25)
    await over(desk, call)
    return len(await desk.bookings(call))


async def test_a_tool_called_again_after_a_cut_acts_once(desk, model, scenes):
    """The line breaks while a tool's answer is on its way: asked again, the booking is the same."""
    slot = "=check_slots.slots[0].slot"
    book = ToolCall("book_slot", {"slot": slot, "name": "Asha", "phone": "+4930111222"})
    scenes(
        Heard("yes please book it", times=1), ToolCall("check_slots", {}), book, Drop(),
        Asked("answered"), ToolCall("check_slots", {}), book, Says("It is booked."),
        Asked("caller"), ToolCall("check_slots", {}), book, Says("It is booked."),
        Heard("yes please book it"), ToolCall("check_slots", {}), book, Says("It is booked."),
    )  # fmt: skip

    assert 1 == await _booked(desk, model)


async def test_a_tool_called_before_the_callers_words_are_told_acts_once(desk, model, scenes):
    """The line breaks after the booking and before the transcript: heard again, the booking is the same."""
    slot = "=check_slots.slots[0].slot"
    who = {"name": "Asha", "phone": "+4930111222"}
    book = (ToolCall("check_slots", {}), ToolCall("book_slot", {"slot": slot, **who}))
    scenes(
        Heard("yes please book it", times=1), *book, Drop(), Transcribes(),
        Heard("yes please book it"), *book, Transcribes(), Says("It is booked."),
    )  # fmt: skip

    assert 1 == await _booked(desk, model)


@pytest.mark.parametrize(("what", "seconds"), [("job", 3.0), ("worker", 8.0), ("stop", 3.0)])
async def test_a_call_goes_on_when_what_carries_it_dies(livekit, model, scenes, what, seconds):
    """A job killed, a whole worker killed, a worker told to stop: another speaks to the caller in time."""
    scenes(
        Asked("line was cut"), Says("Sorry, we were cut off."), Asked("still here"), Says("I am still here.")
    )
    async with answering(livekit, model.settings) as own:
        await own.start_worker()
        if what != "job":
            await own.start_worker()
        call = await own.call()
        async with calling(livekit, call.room) as caller:
            await hears(caller, HELLO)
            await asyncio.sleep(2)
            worker, job = await asyncio.to_thread(carrying, own)
            at = time.monotonic()
            {"job": job.kill, "worker": worker.kill, "stop": worker.terminate}[what]()
            heard = await caller.hears(at + 0.3, 20)
            await caller.reads("I am still here" if what == "stop" else "we were cut off", 10)
            now = await own.now(call)
        words = [text for author, text in understood(await own.said(call)) if author == "desk"]

    assert heard - at < seconds, heard - at
    assert 2 == now.generation
    assert len(words) == len(set(words))


async def test_the_sound_of_a_call_that_moves_is_kept_from_both_its_jobs(livekit, model, scenes):
    """A worker told to stop keeps its part, the next one goes on without asking again; each is a file."""
    words = "We record this call."
    scenes(Asked(words), Says(words), Asked("still here"), Says("I am still here."))
    async with answering(livekit, model.settings) as own:
        await own.publish(voice={"recording": {"enabled": True, "consent": "announce", "words": words}})
        await own.start_worker()
        await own.start_worker()
        call = await own.call()
        async with calling(livekit, call.room) as caller:
            await hears(caller, HELLO)
            await asyncio.sleep(1)
            worker, _ = await asyncio.to_thread(carrying, own)
            worker.terminate()
            await caller.reads("I am still here", 20)
            await asyncio.sleep(1)
        ended = await over(own, call)

        async def both():
            now = await own.now(call)
            return now if len(now.blobs) == 2 else None

        kept = await own.comes(both, 10)
        sounds = [await own.services.ports.blobs.get(blob) for blob in kept.blobs]
        told = [text for who, text in await own.said(call) if who == "desk"]

    assert ("kept", 2) == (ended.recording, ended.generation)
    assert all(sound is not None and b"OggS" == sound[0][:4] for sound in sounds)
    assert 1 == told.count(words)


async def test_a_desk_that_cannot_say_its_first_line_lets_nobody_wait(livekit, model):
    """A line no template can fill: other jobs are tried, then the caller is told, and called back."""
    async with answering(livekit, model.settings) as own:
        await own.publish(voice={"uninterruptible": {"legal": ["You are caller {{ 1 // 0 }}."]}})
        await own.start_worker()
        call = await own.call()
        async with calling(livekit, call.room) as caller:
            await asyncio.wait_for(caller.ended.wait(), 60)
        now = await over(own, call)
        (ticket,) = (await own.store.query("tickets", Query())).documents

    assert ("failed", "every job that took the call died") == (now.outcome, now.reason)
    assert ["frontdesk.call"] == [one.topic for one in caller.data]
    assert "urgent" == ticket.data["priority"]


def carrying(own):
    """The worker, and the process of it, that is in the room: the one that sends media."""
    port = own.livekit.media_port
    for worker in own.workers:
        for child in psutil.Process(worker.pid).children(recursive=True):
            sockets = child.net_connections()
            signal = int(own.livekit.url.rpartition(":")[2])
            if any(one.raddr and one.raddr.port in (port, signal) for one in sockets):
                return worker, child
    raise AssertionError("nobody carries the call")
