"""What caller and colleague say to each other stands in the transcript, in both modes; nobody answers it."""

import asyncio

import pytest

from shared.desk.take import take
from shared.domain.colleagues import Actor
from tests.calls.both_modes import MODES, desk
from tests.calls.caller import calling
from tests.calls.talking import model, over, scenes
from tests.standins.live_script import Heard, Says

__all__ = ["desk", "model", "scenes"]
pytestmark = pytest.mark.asyncio(loop_scope="module")

PRIYA = Actor(id="priya", name="Priya", role="human_agent")
ASKED = "what are your opening hours"
ANSWERED = "we are open until six in the evening"
KNOWN = (ASKED, ANSWERED)


async def written(desk, call, speaker, text, author):
    """Say it until it was understood, for a busy machine tears speech; the message it is."""
    for _ in range(4):
        await speaker.say(text)
        for _ in range(60):
            found = [one for one in await desk.messages(call) if one.content.text == text]
            if found:
                assert author == found[0].author
                return found[0]
            await asyncio.sleep(0.1)
    raise AssertionError(f"{text!r} is not in {await desk.said(call)}")


@MODES
async def test_the_transcript_goes_on_while_a_colleague_has_the_word(desk, scenes, mode):
    """Both sides' words with their speaker; the caller waits for nobody, and hears nothing of it again."""
    scenes(Heard(ASKED), Says("This is said to nobody."), Heard(ANSWERED), Says("This neither."))
    await desk.publish(voice=mode)
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await caller.hears(0, 30)
        await take(desk.services, "acme", call.conversation, by=PRIYA)

        async def taken():
            return (await desk.now(call)).state == "with_person"

        await desk.comes(taken)
        async with calling(desk.livekit, call.room, "person-priya") as priya:
            await asyncio.sleep(1)
            await written(desk, call, caller, ASKED, "customer")
            said = await written(desk, call, priya, ANSWERED, "human")
            await asyncio.sleep(2)
        heard = caller.recording.heard
        assert not any(caller.recording.has_words(ANSWERED, 0, who) for who in heard if "priya" not in who)
        head = await desk.head(call)
    await over(desk, call)

    assert ("priya", True) == (said.by, said.spoken)
    assert (0, 0, "") == (head.pending, head.unread, head.first_waiting)
