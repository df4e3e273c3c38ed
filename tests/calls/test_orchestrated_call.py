"""Calls in orchestrated mode, as callers hear them: the real LiveKit server, a worker, vendors' stand-ins."""

import asyncio

import msgspec
import pytest
import pytest_asyncio

from shared.desk.calls.spoken import heard, said
from shared.desk.hand_back import hand_back
from shared.desk.take import take
from shared.domain.colleagues import Actor
from shared.ports import Query
from tests.calls.answering import answering
from tests.calls.caller import calling
from tests.calls.test_voice_faults import carrying
from tests.standins.deepgram import Deepgram
from tests.standins.elevenlabs import ElevenLabs
from tests.standins.faults import Fault
from tests.standins.otlp_collector import OtlpCollector

pytestmark = pytest.mark.asyncio(loop_scope="module")

HELLO = "Hello, this is Acme Clinic."
PRIYA = Actor(id="priya", name="Priya", role="human_agent")
SLOTS = "Which slots are free tomorrow"
HUMAN = "I want to talk to a human"
VOICE = {
    "mode": "orchestrated",
    "voice_id": "aura-2-andromeda-en",
    "stt": {"provider": "deepgram"},
    "tts": {
        "provider": "deepgram",
        "fallbacks": [{"provider": "elevenlabs", "voice_id": "21m00Tcm4TlvDq8ikWAM"}],
    },
    "turn_detection": {"silence_duration_ms": 400},
    "deadline_ms": 5000,
}


@pytest.fixture(scope="module")
def vendors():
    """What hears and speaks."""
    with Deepgram() as deepgram, ElevenLabs() as elevenlabs:
        deepgram.know(SLOTS, HUMAN)
        yield deepgram, elevenlabs


@pytest.fixture(scope="module")
def collector():
    """What is told of turns goes there."""
    with OtlpCollector() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(livekit, vendors, collector):
    """An installation with one worker, whose desk thinks by the offline model."""
    deepgram, elevenlabs = vendors
    told = {
        "DEEPGRAM_API_KEY": deepgram.key, "DEEPGRAM_API_URL": deepgram.url,
        "ELEVENLABS_API_KEY": elevenlabs.key, "ELEVENLABS_API_URL": elevenlabs.url,
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
    }  # fmt: skip
    async with answering(livekit, told) as there:
        await there.publish(voice=VOICE)
        await there.start_worker()
        yield there


async def test_a_caller_is_greeted_and_answered_by_the_desks_own_thinking(desk, collector):
    """A tool acts, its answer is heard, and the call ends with its figures, its traces and every word."""
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await caller.hears_words(HELLO)
        _, stopped = await caller.say(SLOTS)
        await caller.hears(stopped)
        await caller.reads("slots")

        async def answered():
            return (await desk.head(call)).answered

        await desk.comes(answered)

        async def played():
            said = await desk.said(call)
            return said if len(said) >= 3 else None

        said = await desk.comes(played, 40)

    assert [("desk", HELLO), ("customer", SLOTS)] == said[:2]
    assert "desk" == said[2][0]
    page = await desk.store.query(f"conversations/{call.conversation}/turns", Query())
    steps = [step for row in page.documents for step in row.data["steps"]]
    assert "check_slots" in [step["name"] for step in steps]

    async def over():
        found = await desk.now(call)
        return found if found.state == "ended" else None

    ended = await desk.comes(over, 20)
    assert ("completed", "orchestrated", 1) == (ended.outcome, ended.mode, ended.figures.turns)
    assert ended.first_word_at
    assert "whole" in ended.figures.latency_ms
    assert ended.figures.satisfaction is not None
    assert ended.figures.money > 0

    async def traced():
        names = {span.name for span in collector.spans if span.attributes["frontdesk.call_id"] == call.id}
        return names == {"agent_processing", "turn"}

    await desk.comes(traced)


async def test_a_caller_is_greeted_and_asked_for_consent_in_the_files_own_words(desk):
    """Both are said as they stand, one after the other, and nothing else of what a model would be told."""
    words = "May we record this call?"
    await desk.publish(voice={**VOICE, "recording": {"enabled": True, "consent": "ask", "words": words}})
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await caller.hears_words(HELLO)
        await caller.hears_words(words)

        async def both():
            said = await desk.said(call)
            return said if len(said) > 1 else None

        assert [("desk", HELLO), ("desk", words)] == await desk.comes(both)
        assert "asked" == (await desk.now(call)).recording
    await desk.publish(voice=VOICE)


async def test_what_a_job_that_died_had_heard_is_answered_by_the_next(desk):
    """A question that waited is answered without being asked again."""
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await caller.hears_words(HELLO)
        published = await desk.services.versions.published("front")
        await heard(desk.services, desk.store, call, "heard", SLOTS, config=published.config)
        _, job = await asyncio.to_thread(carrying, desk)
        job.kill()

        async def answered():
            return (await desk.head(call)).answered

        await desk.comes(answered, 20)
        await caller.reads("times are free", 20)
        assert 2 == (await desk.now(call)).generation


async def test_what_a_colleague_typed_while_a_job_died_is_said_by_the_next(desk):
    """Once, and nothing that was spoken before is said again."""
    typed = "Your parcel is here."
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await caller.hears_words(HELLO)

        async def greeted():
            return await desk.said(call)

        await desk.comes(greeted)
        _, job = await asyncio.to_thread(carrying, desk)
        job.kill()
        await take(desk.services, "acme", call.conversation, by=PRIYA)
        published = await desk.services.versions.published("front")
        colleague = msgspec.structs.replace(call, id="typed")
        await said(desk.services, desk.store, colleague, "1", typed, config=published.config, by="priya")
        await caller.hears_words(typed)

        async def noted():
            return (await desk.now(call)).told_upto

        upto = await desk.comes(noted)
        messages = await desk.messages(call)
        assert [typed] == [one.content.text for one in messages if one.seq == upto]
        assert 1 == [one.content.text for one in messages].count(typed)


async def test_what_is_said_to_a_colleague_is_no_word_to_the_desk(desk, vendors):
    """While a person has the word it is written down and no more; given back, the desk hears the caller."""
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await caller.hears_words(HELLO)
        await take(desk.services, "acme", call.conversation, by=PRIYA)

        async def taken():
            return (await desk.now(call)).state == "with_person"

        await desk.comes(taken)
        await caller.say(HUMAN)
        await asyncio.sleep(3)
        assert {("desk", HELLO), ("customer", HUMAN)} >= set(await desk.said(call))
        assert 0 == (await desk.head(call)).pending

        await hand_back(desk.services, "acme", call.conversation, by=PRIYA)

        async def back():
            return (await desk.now(call)).state == "active"

        await desk.comes(back)
        await caller.say(SLOTS)

        async def answered():
            return (await desk.head(call)).answered

        await desk.comes(answered, 20)
        assert SLOTS in [text for _, text in await desk.said(call)]


async def test_a_voice_that_breaks_in_a_call_is_followed_by_the_next_one(desk, vendors):
    """The caller is greeted all the same."""
    deepgram, elevenlabs = vendors
    deepgram.faults.set(Fault(path="/v1/speak", kind="refuse", times=99))
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await caller.hears_words(HELLO)
    deepgram.faults.waiting.clear()
    assert HELLO in elevenlabs.spoken


async def test_a_caller_who_asks_for_a_person_hears_so_and_the_call_says_it(desk):
    """The handover is the conversation's own, as in any chat."""
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await caller.hears_words(HELLO)
        _, stopped = await caller.say(HUMAN)
        await caller.hears(stopped)

        async def handed_over():
            return (await desk.head(call)).handover

        await desk.comes(handed_over)

        async def transferring():
            return (await desk.now(call)).stage == "transferring"

        await desk.comes(transferring)
