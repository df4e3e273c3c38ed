"""A job's look at who has the word: what one look could not do the next does, and nothing twice."""

import pytest

from shared.desk.calls.tokens import join
from shared.desk.hand_back import hand_back
from shared.domain.call_rooms import CALLER
from shared.domain.colleagues import Actor
from shared.domain.errors import Transient
from tests.unit.telephony.carried import carried

ASHA = Actor(id="asha", name="Asha")


@pytest.fixture
async def course(line, monkeypatch):
    """The course of a call whose caller is in the room; what is asked of its voice is noted."""
    made = await carried(line)
    line.livekit.comes("room-c1", CALLER)
    made.asked = []

    async def nothing(*_):
        pass

    monkeypatch.setattr(made.talk.speaking, "silence", nothing)
    monkeypatch.setattr(made.talk.speaking, "ask", made.asked.append)
    monkeypatch.setattr(made.comfort, "begin", lambda **_: None)
    return made


def fails_once(monkeypatch, part, verb):
    """A verb of a part fails for now, the first time; how often it was tried."""
    truly, tried = getattr(part, verb), []

    async def failing(*given):
        tried.append(verb)
        if len(tried) == 1:
            raise Transient("busy; try again")
        return await truly(*given)

    monkeypatch.setattr(part, verb, failing)
    return tried


async def test_a_takeover_that_failed_half_way_is_finished_by_the_next_look(line, course, monkeypatch):
    """The store was busy when the ears were to be opened; two seconds later they are."""
    begun = fails_once(monkeypatch, course.people._overheard, "begin")
    await join(line.services, "acme", "c1", by=ASHA)
    with pytest.raises(Transient):
        await course.people.look()
    silent = course.talk.frozen
    await course.people.look()
    await course.people.look()
    await course.talk.state.settled()

    assert silent
    assert 2 == len(begun)
    assert ("person", "person") == (course.people.phase, (await line.call()).agent)


async def test_a_call_given_back_half_way_is_taken_up_by_the_next_look(line, course, monkeypatch):
    """The desk could not be told what people left it; it goes on when it can, and says so once."""
    await join(line.services, "acme", "c1", by=ASHA)
    await course.people.look()
    told = fails_once(monkeypatch, course.talk, "instruct")
    await hand_back(line.services, "acme", course.talk.state.call.conversation, by=ASHA)
    with pytest.raises(Transient):
        await course.people.look()
    await course.people.look()
    await course.people.look()

    assert 2 == len(told)
    assert ("desk", False) == (course.people.phase, course.talk.frozen)
    assert 1 == len(course.asked)
    assert "You have the call again" in course.asked[0]


async def test_a_call_given_back_before_its_takeover_was_finished_is_the_desks_again(
    line, course, monkeypatch
):
    """The desk was silenced, and no look came between; it does not stay silent."""
    fails_once(monkeypatch, course.people._overheard, "begin")
    await join(line.services, "acme", "c1", by=ASHA)
    with pytest.raises(Transient):
        await course.people.look()
    await hand_back(line.services, "acme", course.talk.state.call.conversation, by=ASHA)
    await course.people.look()

    assert ("desk", False) == (course.people.phase, course.talk.frozen)
    assert 1 == len(course.asked)
