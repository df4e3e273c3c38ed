"""Calls of ours that a machine takes, in both modes: it is hung up on, or given the words of the file."""

import asyncio

import pytest

from tests.calls.both_modes import MODES, desk
from tests.calls.caller import calling, telephone
from tests.calls.talking import HELLO, hears, model, over, says, scenes
from tests.standins.live_script import Asked, Heard, Says, ToolCall

__all__ = ["desk", "model", "scenes"]
pytestmark = pytest.mark.asyncio(loop_scope="module")

MACHINE = "I cannot come to the phone please leave a message after the tone"
LEFT = "This is Acme Clinic, please call us back tomorrow."
LONG = "good morning I am just in the car with my children so tell me in a word what this is about please"
WHY = "Your appointment is tomorrow at nine."
NUMBERS = ("+4917011122", "+4930901820")
KNOWN = (MACHINE, LONG, "hello")


def picked_up(desk, call):
    """Whoever or whatever picks up."""
    return calling(desk.livekit, call.room, "caller", kind="sip", attributes=telephone(*NUMBERS))


async def rung(desk, mode, **outbound):
    """A call of ours that is picked up."""
    await desk.publish(voice={**mode, "outbound": {"enabled": True, **outbound}})
    return await desk.call(direction="outbound", account=NUMBERS[1], contact=NUMBERS[0], state="dialling")


async def plays(desk, call, machine):
    """Play the greeting until it is understood, for a busy machine tears speech; when it was over."""
    for _ in range(4):
        _, stopped = await machine.say(MACHINE)
        for _ in range(40):
            if (await desk.now(call)).stage in ("closing", "over"):
                return stopped
            await asyncio.sleep(0.1)
    raise AssertionError(f"not understood; said {await desk.said(call)}")


@MODES
async def test_a_machine_is_hung_up_on_by_what_it_says(desk, scenes, mode):
    """The call ends as voicemail, and says by which words that was told."""
    scenes(Heard(MACHINE), Says(WHY))
    call = await rung(desk, mode)
    async with picked_up(desk, call) as machine:
        await machine.hears(0, 20)
        await plays(desk, call, machine)
        await asyncio.wait_for(machine.ended.wait(), 20)
    ended = await over(desk, call)

    assert ("voicemail", "") == (ended.outcome, ended.message_left)
    assert "an answering machine took it: after the tone" == ended.reason
    assert ended.figures.satisfaction is None


@MODES
async def test_words_are_left_on_a_machine_once_it_is_silent(desk, scenes, mode):
    """The file's own, whole and once; nothing else is said onto it."""
    scenes(Asked("please call us back"), Says(LEFT), Heard(MACHINE), Says(WHY))
    call = await rung(desk, mode, voicemail="leave_message", voicemail_message=LEFT)
    async with picked_up(desk, call) as machine:
        await machine.hears(0, 20)
        silent = await plays(desk, call, machine)
        await machine.hears_words(LEFT, silent, 30)
        await asyncio.wait_for(machine.ended.wait(), 20)
        assert not machine.recording.has_words(WHY, silent)
    ended = await over(desk, call)

    assert "voicemail" == ended.outcome
    assert ended.message_left
    said = [text for who, text in await desk.said(call) if who == "desk"]
    assert 1 == said.count(LEFT)
    assert not [text for text in said if MACHINE in text]  # nobody answers it


@MODES
@pytest.mark.parametrize("words", ["hello", LONG])
async def test_a_person_who_picks_up_is_spoken_with(desk, model, scenes, mode, words):
    """Be it that they say a word or a long sentence in one breath."""
    scenes(Heard(), Says(WHY))
    call = await rung(desk, mode)
    async with picked_up(desk, call) as person:
        await person.hears(0, 20)
        await person.say(words)
        await asyncio.sleep(4)
        assert not person.ended.is_set()
    ended = await over(desk, call)

    assert "completed" == ended.outcome


async def test_a_model_tells_a_machine_too(desk, model, scenes):
    """What no list of words knows, the model may have heard."""
    scenes(Heard("hello"), ToolCall("voicemail", {}, wait=False))
    call = await rung(desk, {})
    async with picked_up(desk, call) as machine:
        await hears(machine, HELLO)
        await asyncio.sleep(0.5)
        await says(model, machine, "hello")
        await asyncio.wait_for(machine.ended.wait(), 15)
    ended = await over(desk, call)

    assert ("voicemail", "an answering machine took it: the model heard it") == (ended.outcome, ended.reason)
