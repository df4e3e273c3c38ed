"""Keys that a caller presses while the desk is silent: whom they were for."""

import pytest

from shared.desk.calls.acting import ask_person
from shared.desk.calls.tokens import join
from shared.domain.call_rooms import CALLER
from shared.domain.colleagues import Actor
from shared.domain.effects import HandOver
from tests.unit.telephony.carried import carried

ASHA = Actor(id="asha", name="Asha")


@pytest.fixture
async def presses(line, monkeypatch):
    """Has the caller press keys in a call, after a look at who has the word; the head as it is then."""
    course = await carried(line)
    line.livekit.comes("room-c1", CALLER)

    async def nothing(*_):
        pass

    monkeypatch.setattr(course.talk.speaking, "silence", nothing)
    monkeypatch.setattr(course.people, "_announce", nothing)
    monkeypatch.setattr(course.comfort, "begin", lambda **_: None)

    async def pressed(keys):
        await course.people.look()
        course._keys._pressed = keys
        course._keys._tell()
        await course.talk.transcript.settled()
        (head,) = await line.documents("conversations")
        messages = await line.documents(f"conversations/{course.talk.state.call.conversation}/messages")
        return head, [message["content"]["text"] for message in messages]

    return pressed


async def test_keys_pressed_to_a_colleague_wait_for_nobody(line, presses):
    """They stand in the transcript; the desk does not answer them once it has the word again."""
    await join(line.services, "acme", "c1", by=ASHA)
    head, words = await presses("4")

    assert ["pressed 4"] == words
    assert ("", head["answered"]) == (head["first_waiting"], head["pending"])


async def test_keys_pressed_while_a_colleague_is_awaited_wait_for_an_answer(line, presses):
    """Nobody was there yet to see them."""
    config, call = (await line.running()).config, await line.call()
    await ask_person(line.services, line.store, call, config, HandOver(reason="wants a person"))
    head, words = await presses("4")

    assert ["pressed 4"] == words
    assert head["pending"] > head["answered"]
