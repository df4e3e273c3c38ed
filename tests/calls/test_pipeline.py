"""A call in orchestrated mode on the vendors' own plugins: heard, thought about by the desk, and spoken."""

import asyncio

import pytest

from tests.calls.in_process import talking
from tests.standins.deepgram import Deepgram
from tests.standins.elevenlabs import ElevenLabs
from tests.standins.faults import Fault
from tests.standins.openai_audio import OpenAIAudio
from tests.unit.calls.conftest import clock, environment, front, model  # noqa: F401  fixtures
from tests.unit.calls.line import ring
from tests.unit.calls.scripted import call

QUESTION = "What are your opening hours"
MORE = "Are you open on Sundays"
HEARS = {"provider": "deepgram"}
SPEAKS = {"provider": "openai"}
PROMPT = {"silence_duration_ms": 300}
RACHEL = "21m00Tcm4TlvDq8ikWAM"


@pytest.fixture
def vendors():
    """Three vendors of speech, and the settings that lead to them."""
    with Deepgram() as deepgram, OpenAIAudio() as openai, ElevenLabs() as elevenlabs:
        for one in (deepgram, openai):
            one.know(QUESTION, MORE)
        told = {
            "DEEPGRAM_API_KEY": deepgram.key, "DEEPGRAM_API_URL": deepgram.url,
            "OPENAI_API_KEY": openai.key, "OPENAI_BASE_URL": openai.base_url,
            "ELEVENLABS_API_KEY": elevenlabs.key, "ELEVENLABS_API_URL": elevenlabs.url,
        }  # fmt: skip
        yield deepgram, openai, elevenlabs, told


@pytest.fixture
def caller(front, model):  # noqa: F811
    """A function that calls a desk whose voice is as given."""

    async def called(**voice):
        asked = {"stt": HEARS, "tts": SPEAKS, "turn_detection": PROMPT, "deadline_ms": 5000, **voice}
        return await ring(front, model, **asked)

    return called


async def test_a_question_is_heard_thought_about_and_answered_aloud(caller, model, vendors):  # noqa: F811
    """Deepgram's plugin hears, the desk's graph acts and thinks, OpenAI's speaks, and all of it is kept."""
    _, openai, _, told = vendors
    model.script = [[call("check_slots")], ["Nine is free at 09:00. ", "Shall I book it?"]]
    line = await caller()
    async with talking(line, told) as there:
        there.microphone.say(QUESTION)
        await there.comes(lambda: there.heard("Shall I book it?"))
        assert there.heard("Nine is free at 9 am.")
        await there.settles()

        said = await there.said()
        assert ("customer", QUESTION) == said[0]
        assert ("desk", "Nine is free at 9 am. Shall I book it?") == (said[1][0], said[1][1][:38])
        (receipt,) = await line.receipts()
        assert receipt.turn == (await line.messages())[1].turn
        assert ["signals", "model", "tool", "model"] == [step.kind for step in receipt.steps]
        assert (await line.messages())[1].trace
        figures = there.figures
        assert {"endpointing", "thinking", "tts", "whole"} <= set(figures.latency_ms)
        assert (1, 0, 0) == (figures.turns, figures.interruptions, figures.fallbacks)
        assert figures.money > 0
        assert figures.spoken_seconds > 2
        assert 0.6 == figures.sentiment
    assert openai.spoken[0] == "Nine is free at 9 am."


async def test_a_desk_that_is_too_slow_leaves_the_word_to_a_model_alone(caller, model, vendors):  # noqa: F811
    """The caller hears an answer soon after the deadline, and the figures say which way it came."""
    model.script = [[asyncio.Event()], ["We open at eight."]]
    line = await caller(deadline_ms=600)
    async with talking(line, vendors[3]) as there:
        there.microphone.say(QUESTION)
        await there.comes(lambda: there.heard("We open at eight."))

        assert there.earpiece.first_at - there.microphone.ended_at < 3.0
        assert 1 == there.figures.fallbacks
        assert [()] == [request.tools for request in model.asked[1:]]
        assert 1 == len(await line.receipts())


async def test_a_voice_that_breaks_is_followed_by_the_next_one(caller, model, vendors):  # noqa: F811
    """Not a word of the answer is lost."""
    deepgram, openai, _, told = vendors
    deepgram.faults.set(Fault(path="/v1/speak", kind="refuse", times=99))
    model.script = [["We open at eight."]]
    line = await caller(tts={"provider": "deepgram", "fallbacks": [SPEAKS]})
    async with talking(line, told) as there:
        there.microphone.say(QUESTION)
        await there.comes(lambda: there.heard("We open at eight."))
    assert ["We open at eight."] == openai.spoken


async def test_an_ear_that_breaks_is_followed_by_the_next_one(caller, model, vendors):  # noqa: F811
    """The caller is understood all the same."""
    deepgram, openai, _, told = vendors
    deepgram.faults.set(Fault(path="/v1/listen", kind="refuse", times=99))
    model.script = [["We open at eight."]]
    line = await caller(stt={"provider": "deepgram", "fallbacks": [{"provider": "openai"}]})
    async with talking(line, told) as there:
        await asyncio.sleep(0.5)
        there.microphone.say(QUESTION)
        await there.comes(lambda: there.heard("We open at eight."))
    assert [QUESTION] == openai.heard


TIERS = {
    "levels": [
        {"id": "standard", "tts": SPEAKS, "cost_per_minute": 0.01},
        {"id": "premium", "tts": {"provider": "elevenlabs", "voice_id": RACHEL}, "cost_per_minute": 0.05},
    ]
}


async def test_a_qualified_caller_hears_a_better_voice_from_the_next_words_on(
    caller,
    front,  # noqa: F811
    model,  # noqa: F811
    vendors,
):
    """The change is quick, within the budget, recorded with its cost, and counted on the call."""
    _, openai, elevenlabs, told = vendors
    await front.publish(desk={**front.written["desk"], "use_case": "sales"})
    model.signals = {**model.signals, "qualification": 0.9}
    model.script = [["We open at eight."], ["On Sundays at ten."]]
    line = await caller(tiers=TIERS)
    async with talking(line, told) as there:
        assert "standard" == there.state.call.tier
        there.microphone.say(QUESTION)
        await there.comes(lambda: there.heard("We open at eight."))
        await there.comes(lambda: there.state.call.tier == "premium")
        there.microphone.say(MORE)
        await there.comes(lambda: there.heard("On Sundays at ten."))
        await there.state.settled()

    assert (["We open at eight."], ["On Sundays at ten."]) == (openai.spoken, elevenlabs.spoken)
    now = await line.now()
    assert ("premium", 1, 0.9) == (now.tier, now.escalations, now.qualification)
    assert "qualification" == now.tier_trigger
    (change,) = await line.tier_changes()
    assert ("standard", "premium", "qualification") == (change.before, change.after, change.trigger)
    assert change.done
    assert change.budget_passed
    assert 0 < change.cost_impact < 1
    assert change.ms < 200


async def test_a_budget_that_does_not_carry_it_keeps_the_voice(caller, front, model, vendors):  # noqa: F811
    """The refusal is recorded, and asked once alone."""
    await front.publish(desk={**front.written["desk"], "use_case": "sales"}, budgets={"conversation": 0.1})
    model.signals = {**model.signals, "qualification": 0.9}
    model.script = [["We open at eight."], ["On Sundays at ten."]]
    line = await caller(tiers=TIERS)
    async with talking(line, vendors[3]) as there:
        for question, answer in ((QUESTION, "We open at eight."), (MORE, "On Sundays at ten.")):
            there.microphone.say(question)
            await there.comes(lambda answer=answer: there.heard(answer))
        await there.state.settled()
    (change,) = await line.tier_changes()
    assert (False, False, "standard") == (change.done, change.budget_passed, (await line.now()).tier)


async def test_a_levels_vendor_that_fails_leaves_the_word_to_another_level(caller, model, vendors):  # noqa: F811
    """It is recorded, and the voice's level says what is heard."""
    _, openai, elevenlabs, told = vendors
    openai.faults.set(Fault(path="/v1/audio/speech", kind="refuse", times=99))
    model.script = [["We open at eight."]]
    line = await caller(tiers=TIERS)
    async with talking(line, told) as there:
        there.microphone.say(QUESTION)
        await there.comes(lambda: there.heard("We open at eight."))
        await there.comes(lambda: there.state.call.tier == "premium")
        await there.state.settled()
        assert "partial" == there.state.call.level
    assert ["We open at eight."] == elevenlabs.spoken
    (change,) = await line.tier_changes()
    assert ("provider_failure", True) == (change.trigger, change.done)


async def test_a_caller_who_speaks_into_it_is_answered_to_both(caller, model, vendors):  # noqa: F811
    """The transcript holds what was played, and the turn after it covers what was not answered."""
    stopped = asyncio.Event()
    model.script = [
        [
            "We open at eight in the morning and close at eight in the evening on every day of the week. ",
            stopped,
        ],
        ["On Sundays too."],
    ]
    line = await caller()
    async with talking(line, vendors[3]) as there:
        there.microphone.say(QUESTION)
        await there.comes(lambda: there.earpiece.playing)
        await asyncio.sleep(1.0)
        there.microphone.say(MORE)
        await there.comes(lambda: there.heard("On Sundays too."))
        await there.settles()
        said = await there.said()
        assert 1 == there.figures.interruptions

    assert ["customer", "desk", "customer", "desk"] == [author for author, _ in said]
    assert said[1][1].startswith("We open")
    assert "week" not in said[1][1]
    (receipt,) = await line.receipts()
    assert 2 == receipt.covers[1] - receipt.covers[0] or receipt.covers[0] == 1


async def test_a_sentence_that_tells_a_price_is_heard_to_its_end(caller, model, vendors):  # noqa: F811
    """What is said into it is heard, and answered after."""
    model.script = [
        ["The whole examination with all that belongs to it costs ₹500 and takes an hour of your time."],
        ["On Sundays too."],
    ]
    line = await caller()
    async with talking(line, vendors[3]) as there:
        there.microphone.say(QUESTION)
        await there.comes(lambda: there.earpiece.playing)
        await asyncio.sleep(0.8)
        there.microphone.say(MORE)
        await there.comes(lambda: there.heard("On Sundays too."))
        await there.settles()
        said = await there.said()

    assert 4 == len(said)
    assert said[1][1].endswith("of your time.")
