"""What colleagues say on the line: it tends the conversation as typed words do, so that no alarm takes it."""

from dataclasses import dataclass

import msgspec
import pytest

from shared.desk.calls.acting import ask_person
from shared.desk.calls.by_telephone import took_by_telephone
from shared.desk.calls.spoken import heard, said
from shared.desk.calls.tokens import join
from shared.desk.end_takeover import end_takeover
from shared.desk.hand_back import hand_back
from shared.desk.reassign_silent import reassign_silent
from shared.domain.call_rooms import CALLER
from shared.domain.calls import Call
from shared.domain.colleagues import Actor
from shared.domain.effects import HandOver
from tests.unit.telephony.conftest import Line

ASHA = Actor(id="asha", name="Asha")


@dataclass
class Talk:
    """A call in which a person and the caller speak with each other."""

    line: Line
    call: Call
    words: int = 0

    async def passes(self, *, minutes=0, seconds=0, by="asha") -> None:
        """Time passes, and the caller and the person say a word each."""
        self.line.clock.move(seconds=60 * minutes + seconds)
        self.words += 1
        config = (await self.line.running()).config
        place = self.line.services, self.line.store, self.call
        await heard(*place, f"c{self.words}", "and then?", config=config, to_person=True)
        name = f"p{self.words}"
        assert await said(*place, name, "let me look", config=config, by=by, spoken=True, answers=False)

    async def asked_for_a_person(self) -> None:
        """The caller says something nobody answers, and the desk asks for a person."""
        config = (await self.line.running()).config
        place = self.line.services, self.line.store, self.call
        await heard(*place, "first", "I want a person", config=config)
        await ask_person(*place, config, HandOver(reason="wants a person"))

    async def head(self):
        """The conversation's head."""
        (head,) = await self.line.documents("conversations")
        return head

    async def takeover_ends(self):
        """What the alarms carry that end a silent takeover, in the order they were set."""
        sql = "SELECT body FROM jobs WHERE handler = 'end_takeover' ORDER BY id"
        rows = await self.line.process.opened.databases[0].read(lambda one: one.execute(sql).fetchall())
        return [msgspec.json.decode(body) for (body,) in rows]


@pytest.fixture
async def talk(line):
    """A call that the desk carries."""
    call = await line.called()
    line.livekit.comes(call.room, CALLER)
    await line.taken_up()
    return Talk(line, call)


async def test_a_colleague_who_talks_for_half_an_hour_keeps_the_call(line, talk):
    """The alarm that ends a silent takeover was set when they came; it finds that they have spoken since."""
    await join(line.services, "acme", "c1", by=ASHA)
    came = (await talk.head())["tended_at"]
    for _ in range(30):
        await talk.passes(minutes=1)
    await end_takeover(line.services, "acme", talk.call.conversation, came)
    head = await talk.head()

    assert ("human_active", "asha") == (head["state"], head["assignee"])


async def test_a_colleague_who_speaks_has_answered_who_asked_for_a_person(line, talk):
    """The first word on the line stops the handover's clock and ends the waiting: nothing passes it on."""
    await talk.asked_for_a_person()
    await join(line.services, "acme", "c1", by=ASHA)
    came = (await talk.head())["tended_at"]
    await talk.passes(seconds=5)
    (handover,) = await line.documents("handovers")
    await reassign_silent(line.services, "acme", talk.call.conversation, "asha", came)
    head = await talk.head()

    assert handover["first_answer_at"] > handover["accepted_at"] == came
    assert ("human_active", "asha", "") == (head["state"], head["assignee"], head["first_waiting"])
    assert head["answered"] >= head["pending"]


async def test_who_speaks_from_their_own_telephone_keeps_the_call_too(line, talk):
    """Nobody in the console has it; what they say counts as a colleague's words."""
    await talk.asked_for_a_person()
    assert await took_by_telephone(line.services, "acme", talk.call.conversation)
    came = (await talk.head())["tended_at"]
    for _ in range(11):
        await talk.passes(minutes=1, by="")
    await reassign_silent(line.services, "acme", talk.call.conversation, "", came)
    await end_takeover(line.services, "acme", talk.call.conversation, came)

    assert "human_active" == (await talk.head())["state"]


async def test_a_colleague_who_falls_silent_loses_the_call_in_the_end(line, talk):
    """Their words set the alarm anew, and the newest one still gives the call back."""
    await join(line.services, "acme", "c1", by=ASHA)
    for _ in range(3):
        await talk.passes(minutes=1)
    first, *_, newest = await talk.takeover_ends()
    await end_takeover(line.services, **newest)

    assert newest["tended_at"] > first["tended_at"]
    assert "back_to_ai" == (await talk.head())["state"]


async def test_words_within_a_minute_set_one_alarm(line, talk):
    """A call has a word every few seconds; no timer is set with each."""
    await join(line.services, "acme", "c1", by=ASHA)
    before = len(await talk.takeover_ends())
    await talk.passes(minutes=1)
    for _ in range(5):
        await talk.passes(seconds=2)

    assert before + 1 == len(await talk.takeover_ends())


async def test_words_written_after_the_call_was_given_back_tend_nothing(line, talk):
    """The store may take them late; the desk has the word by then, and what waits for it still does."""
    await join(line.services, "acme", "c1", by=ASHA)
    await hand_back(line.services, "acme", talk.call.conversation, by=ASHA)
    config = (await line.running()).config
    await heard(line.services, line.store, talk.call, "now", "are you there?", config=config)
    before = await talk.head()
    await talk.passes(minutes=2)
    after = await talk.head()

    kept = ("state", "tended_at", "answered", "first_waiting")
    assert [before[one] for one in kept] == [after[one] for one in kept]
    assert before["last"] + 2 == after["last"]


async def test_a_colleagues_words_told_twice_are_written_once(line, talk):
    """An item has one name, whoever said it."""
    await join(line.services, "acme", "c1", by=ASHA)
    config, place = (await line.running()).config, (line.services, line.store, talk.call)
    told = [await said(*place, "p", "so", config=config, by="asha", spoken=True) for _ in range(2)]

    assert (True, None) == (told[0] is not None, told[1])
