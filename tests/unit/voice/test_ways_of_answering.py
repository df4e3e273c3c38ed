"""A caller is answered one way or the next, within the deadline, and every answer ends the turn once."""

import asyncio
from dataclasses import dataclass, field

import msgspec
import pytest

from shared.desk.calls.document import edit_call
from shared.domain.calls import Call
from tests.unit.calls.line import VOICE, Line
from tests.unit.calls.scripted import ScriptedModel, call, until
from voice_service.answer_cache import AnswerCache
from voice_service.breaker import DeskBreaker, breaker_of
from voice_service.levels import Levels
from voice_service.ways_of_answering import Answered, Ways


@dataclass
class Heard:
    """What a caller hears, and what is told of it."""

    line: Line
    ways: Ways
    levels: Levels
    breaker: DeskBreaker
    cache: AnswerCache
    answers: list[Answered]
    aloud: list[str] = field(default_factory=list)
    lost: list[bool] = field(default_factory=list)
    count: int = 0

    async def ask(self, text: str) -> Answered:
        self.count += 1
        self.aloud.clear()
        return await self.ways.answer(f"item-{self.count}", text, self.say)

    async def say(self, words: str) -> None:
        self.aloud.append(words)


def ways(line: Line) -> Heard:
    answers: list[Answered] = []
    lost: list[bool] = []

    async def told(answered: Answered) -> None:
        answers.append(answered)

    levels = Levels(lambda level: None)
    breaker = DeskBreaker(2, 0.2)
    clock = line.front.services.ports.clock
    cache = AnswerCache(line.front.store, clock, "front", size=10, seconds=60)
    made = Ways(
        line.front.services,
        line.front.store,
        lambda: line.call,
        line.published,
        levels=levels,
        breaker=breaker,
        cache=cache,
        lost=lambda: lost.append(True),
    )
    made.told = told
    return Heard(line, made, levels, breaker, cache, answers, lost=lost)


async def voiced(line: Line, **voice: object) -> None:
    await line.front.publish(voice={**VOICE, **voice})
    line.published = await line.front.running()


async def test_the_desk_answers_within_its_deadline(line: Line, model: ScriptedModel) -> None:
    """What it says is shaped for the ear, and the caller's words are written down before it thinks."""
    model.script = [["**We open** at 08:00. ", "See [our page](https://example.org)."]]
    heard = ways(line)

    answered = await heard.ask("When do you open?")

    assert ["We open at 8 am.", "See our page."] == heard.aloud
    assert ("desk", "desk") == (answered.way, answered.wanted)
    assert answered.first_ms is not None
    assert [answered] == heard.answers
    assert ["When do you open?"] == [one.content.text for one in await line.messages()]


async def test_a_desk_that_is_too_slow_is_cut_off_and_a_model_alone_answers(
    line: Line, model: ScriptedModel
) -> None:
    """The turn is committed by one of them, and says no word after the other's."""
    await voiced(line, deadline_ms=300)
    model.script = [[asyncio.Event(), "Too late."], ["We open at eight."]]
    heard = ways(line)

    answered = await heard.ask("When do you open?")

    assert ("direct", "desk") == (answered.way, answered.wanted)
    assert ["We open at eight."] == heard.aloud
    assert 1 == len(await line.receipts())
    assert "finished" == (await line.head()).state
    assert answered.first_ms is not None
    assert 300 <= answered.first_ms < 3000


async def test_a_desk_that_has_acted_is_awaited_and_its_caller_kept_company(
    line: Line, model: ScriptedModel
) -> None:
    """Nobody else may answer what a tool has begun; the caller hears that somebody is at it."""
    await voiced(line, deadline_ms=1500)
    model.script = [[call("check_slots")], [2.0, "Nine is free."]]
    heard = ways(line)

    answered = await heard.ask("What is free?")

    assert "desk" == answered.way
    assert ["One moment, please.", "Nine is free."] == heard.aloud[:2]


async def test_a_desk_that_has_begun_to_speak_is_awaited(line: Line, model: ScriptedModel) -> None:
    """Its deadline is for its first words alone."""
    await voiced(line, deadline_ms=1500)
    model.script = [["Let me see. ", 2.0, "We open at eight."]]
    heard = ways(line)

    assert "desk" == (await heard.ask("When do you open?")).way
    assert ["Let me see.", "We open at eight."] == heard.aloud


async def test_a_file_may_have_its_callers_wait_for_the_desk(line: Line, model: ScriptedModel) -> None:
    """Without the model alone in its place, the caller is kept company until the desk is ready."""
    await voiced(
        line,
        deadline_ms=300,
        integration={"fallback_to_direct": False},
        watchdog={"fillers": ["Just a second."]},
    )
    model.script = [[0.6, "We open at eight."]]
    heard = ways(line)

    assert "desk" == (await heard.ask("When do you open?")).way
    assert ["Just a second.", "We open at eight."] == heard.aloud


async def test_a_file_that_wants_no_model_alone_gets_none_after_an_error_either(
    line: Line, model: ScriptedModel
) -> None:
    """The caller is asked again, then a person comes; also while the breaker rests."""
    await voiced(line, integration={"fallback_to_direct": False})
    heard = ways(line)
    model.away = True

    ways_gone = [(await heard.ask(words)).way for words in ("Hello?", "Hello, I said?")]
    assert ["canned", "canned"] == ways_gone
    assert "handover" == (await line.head()).state
    assert all(request.tools for request in model.asked)

    assert "open" == heard.breaker.state
    await line.another_caller()
    asked = len(model.asked)
    heard.ways._failed = 0
    resting = await heard.ask("Hello?")
    assert ("canned", "canned", asked) == (resting.way, resting.wanted, len(model.asked))


async def test_on_a_bad_day_a_model_alone_answers(line: Line, model: ScriptedModel) -> None:
    """The desk's own thinking is not asked."""
    line.call = msgspec.structs.replace(line.call, mode="direct")
    model.script = [["We open at eight."]]
    heard = ways(line)

    answered = await heard.ask("When do you open?")

    assert ("direct", "direct") == (answered.way, answered.wanted)
    assert () == model.asked[0].tools


async def test_where_no_model_answers_the_caller_is_asked_again_and_then_gets_a_person(
    line: Line, model: ScriptedModel
) -> None:
    """The first time may pass by itself; the second time somebody is called."""
    model.away = True
    heard = ways(line)

    first = await heard.ask("Hello?")
    assert ("canned", None) == (first.way, first.thought)
    assert ["I am sorry, I did not get that. Could you say it once more?"] == heard.aloud
    assert (0, 1) == ((await line.head()).answered, (await line.head()).pending)

    second = await heard.ask("Hello, I said?")
    assert second.thought is not None
    assert (1, 2) == second.thought.covers
    assert "colleague" in heard.aloud[0]
    assert "handover" == (await line.head()).state


async def test_a_breaker_that_opens_spares_callers_the_wait_and_closes_after_a_success(
    line: Line, model: ScriptedModel
) -> None:
    """While it rests a model alone answers at once; one turn tries, and the desk is back for all."""
    await voiced(line, deadline_ms=300)
    heard = ways(line)
    for _ in range(2):
        model.script = [[asyncio.Event()], ["Directly."]]
        assert "direct" == (await heard.ask("Hello?")).way
    assert ("open", "minimal", 1) == (heard.breaker.state, heard.levels.level, heard.breaker.trips)

    model.script = [["At once."]]
    another = await breaker_of(line.front.services, line.front.store, line.published)
    assert "open" == another.state
    answered = await heard.ask("Hello?")
    assert ("direct", "direct") == (answered.way, answered.wanted)

    await asyncio.sleep(0.25)
    await voiced(line, deadline_ms=10_000)
    heard.ways._published = line.published
    model.script = [["The desk is back."]]
    assert "desk" == (await heard.ask("Hello?")).way
    assert ("closed", "full") == (heard.breaker.state, heard.levels.level)


async def test_the_same_first_question_of_another_caller_is_answered_without_thinking(
    line: Line, model: ScriptedModel
) -> None:
    """However it is written; later questions mean what was said before, so they are always thought about."""
    model.script = [["We open at eight."], ["Nine."]]
    await ways(line).ask("When do you open?")
    asked = len(model.asked)

    await line.another_caller()
    again = ways(line)
    answered = await again.ask("when do you open")
    assert "cache" == answered.way
    assert asked == len(model.asked)
    assert ["We open at eight."] == again.aloud
    assert (1, 0) == (again.cache.hits, again.cache.misses)
    assert "finished" == (await line.head()).state

    assert "desk" == (await again.ask("When do you open?")).way


async def test_a_filler_is_said_within_the_answer_under_way_only(line: Line, model: ScriptedModel) -> None:
    """Whoever watches for silence asks for it; there is nothing to say into when nobody thinks."""
    waits = asyncio.Event()
    model.script = [[waits, "We open at eight."]]
    heard = ways(line)
    assert not await heard.ways.keep_company()
    running = asyncio.create_task(heard.ask("When do you open?"))
    await until(lambda: bool(model.asked))

    assert await heard.ways.keep_company()
    assert not await heard.ways.keep_company()
    waits.set()
    await running

    assert ["One moment, please.", "We open at eight."] == heard.aloud


async def test_an_answer_that_is_cut_off_is_let_go_and_the_next_covers_it(
    line: Line, model: ScriptedModel
) -> None:
    """A caller who speaks on is answered to all they said."""
    model.script = [[asyncio.Event()], ["Both, yes."]]
    heard = ways(line)
    running = asyncio.create_task(heard.ask("Do you clean teeth?"))
    await until(lambda: bool(model.asked))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    answered = await heard.ask("And fill them?")

    assert answered.thought is not None
    assert (1, 2) == answered.thought.covers
    assert 1 == len(heard.answers)


async def test_a_job_that_lost_the_call_says_nothing_and_is_told(line: Line, model: ScriptedModel) -> None:
    """No apology and no model alone: another job is answering."""
    heard = ways(line)
    services = line.front.services

    def taken(call: Call, _: object) -> Call:
        return msgspec.structs.replace(call, generation=1)

    await edit_call(services, "acme", "call-1", taken)

    assert (await heard.ask("Hello?")).thought is None
    assert ([], [True], []) == (heard.aloud, heard.lost, model.asked)


async def test_choices_are_read_out_where_the_words_do_not_name_them(
    line: Line, model: ScriptedModel
) -> None:
    """Nothing can be tapped on a telephone."""
    model.script = [[call("check_slots")], ["When does it suit you?"]]
    heard = ways(line)

    answered = await heard.ask("Is there a slot?")

    assert answered.thought is not None
    assert answered.thought.choices
    assert heard.aloud[-1].endswith("?")
    assert 2 == len(heard.aloud)
