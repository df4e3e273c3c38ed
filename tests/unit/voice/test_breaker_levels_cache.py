"""What a voice does without: a desk that rests, parts that failed, answers that are known."""

from datetime import UTC, datetime

import pytest

from shared.desk.thought import Thought
from shared.domain.content import Choice
from shared.domain.effects import HandOver
from shared.domain.receipts import Step
from shared.domain.signals import Signals
from shared.ports import Query
from tests.unit.desk.front import Front
from voice_service.answer_cache import AnswerCache, general, key_of
from voice_service.breaker import DeskBreaker
from voice_service.levels import Levels


class Hands:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_breaker_opens_after_so_many_failures_running() -> None:
    """One success in between begins the count anew."""
    breaker = DeskBreaker(3, 60, now=Hands())

    assert [False, False] == [breaker.failed(), breaker.failed()]
    breaker.succeeded()
    assert [False, False, True] == [breaker.failed(), breaker.failed(), breaker.failed()]
    assert ("open", False, 1) == (breaker.state, breaker.admits(), breaker.trips)


def test_after_its_rest_one_turn_tries_and_the_others_wait_for_it() -> None:
    """A success closes it for all, a failure lets it rest again, one that never tells bars nobody long."""
    now = Hands()
    breaker = DeskBreaker(1, 60, now=now)
    breaker.failed()
    now.at = 61
    assert "half_open" == breaker.state
    assert [True, False] == [breaker.admits(), breaker.admits()]
    assert breaker.failed()
    assert ("open", 2) == (breaker.state, breaker.trips)
    now.at = 122
    assert breaker.admits()
    now.at = 183
    assert breaker.admits()
    breaker.succeeded()
    assert ("closed", True) == (breaker.state, breaker.admits())


def test_a_rest_that_another_process_began_is_kept_to() -> None:
    """And ends as one of its own does."""
    now = Hands()
    breaker = DeskBreaker(3, 60, now=now)
    breaker.rest(20)

    assert ("open", False) == (breaker.state, breaker.admits())
    now.at = 21
    assert ("half_open", True) == (breaker.state, breaker.admits())


def test_a_part_that_fails_lowers_the_level_and_its_recovery_raises_it() -> None:
    """Without tiers or figures it is partial, without the desk's thinking a model alone."""
    told: list[str] = []
    levels = Levels(told.append)

    levels.failed("tiers", "vendor away")
    levels.failed("figures", "store busy")
    levels.failed("desk", "breaker open")
    assert [False, False, False] == [levels.has(part) for part in ("desk", "tiers", "figures")]
    levels.recovered("desk")
    assert levels.has("desk")
    levels.recovered("tiers")
    levels.recovered("figures")

    assert ["partial", "minimal", "partial", "full"] == told


def thought(text: str = "We open at eight.", **more: object) -> Thought:
    return Thought(turn="c:1", covers=(1, 1), version=1, began=datetime.now(UTC), text=text, **more)


@pytest.mark.parametrize(
    "one",
    [
        thought(""),
        thought(steps=(Step(kind="tool", name="check_slots", ms=1),)),
        thought(choices=(Choice(id="a", title="A"),)),
        thought(handover=HandOver(reason="asked")),
        thought("Hello Asha, we open at eight.", customer={"name": "Asha"}),
        thought("We have you under +91 98123 45678."),
        thought("We wrote to asha@example.org."),
        thought(signals=Signals(intent="medical_emergency")),
    ],
    ids=["empty", "tool", "choices", "handover", "name", "number", "address", "emergency"],
)
async def test_an_answer_meant_for_one_caller_is_not_kept(front: Front, one: Thought) -> None:
    """Nobody hears what was said to somebody else, or what has changed since."""
    cache = AnswerCache(front.store, front.clock, "front", size=10, seconds=60)
    key = key_of(1, "desk", "en", "When?")
    await cache.keep(key, one)

    assert not general(one)
    assert await cache.find(key) is None


async def test_a_kept_answer_goes_after_its_time(front: Front) -> None:
    """What was true a while ago is thought about again."""
    cache = AnswerCache(front.store, front.clock, "front", size=10, seconds=60)
    key = key_of(1, "desk", "en", "When?")
    await cache.keep(key, thought())
    assert "We open at eight." == await cache.find(key)

    front.clock.move(seconds=61)
    assert await cache.find(key) is None
    assert (1, 1) == (cache.hits, cache.misses)


async def test_there_are_as_many_places_as_the_file_says(front: Front) -> None:
    """An answer puts out the one in its place, and is never given to another question."""
    cache = AnswerCache(front.store, front.clock, "front", size=2, seconds=60)
    keys = [key_of(1, "desk", "en", str(number)) for number in range(20)]
    for number, key in enumerate(keys):
        await cache.keep(key, thought(f"Answer {number}."))

    found = {number: await cache.find(key) for number, key in enumerate(keys)}
    assert {f"Answer {number}." for number, text in found.items() if text} == {
        text for text in found.values() if text
    }
    assert 2 == len([text for text in found.values() if text])
    page = await front.store.query("known_answers", Query())
    assert 2 == len(page.documents)


def test_words_are_the_same_however_they_are_written_but_for_version_speaker_and_language() -> None:
    """Hindi keeps its vowel signs."""
    assert key_of(1, "desk", "en", "When do you OPEN?!") == key_of(1, "desk", "en", " when do you open")
    assert key_of(1, "desk", "hi", "की") != key_of(1, "desk", "hi", "का")
    assert key_of(1, "desk", "en", "a") != key_of(2, "desk", "en", "a")


async def test_a_cache_of_no_size_keeps_nothing(front: Front) -> None:
    """A desk's file switches it off so."""
    cache = AnswerCache(front.store, front.clock, "front", size=0, seconds=60)
    await cache.keep(key_of(1, "desk", "en", "a"), thought())

    assert await cache.find(key_of(1, "desk", "en", "a")) is None
