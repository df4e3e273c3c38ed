"""A realtime call whose model falls silent goes on another way: a pipeline, or a voice for single answers."""

from contextlib import suppress

import pytest
import pytest_asyncio

from tests.calls.answering import answering
from tests.calls.caller import calling
from tests.calls.talking import says, understood
from tests.standins.deepgram import Deepgram
from tests.standins.gemini_live import GeminiLive
from tests.standins.live_script import Asked, Heard, Says, Withhold

pytestmark = pytest.mark.asyncio(loop_scope="module")

HELLO = "Hello, this is Acme Clinic, how can I help?"
HOURS = "what are your opening hours"
THANKS = "thank you very much"


@pytest.fixture(scope="module")
def vendors():
    """The model, and what hears and speaks in its place."""
    with GeminiLive(thinking=0.2) as live, Deepgram() as deepgram:
        deepgram.know(HOURS, THANKS)
        yield live, deepgram


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(livekit, vendors):
    """An installation with one worker."""
    live, deepgram = vendors
    told = {**live.settings, "DEEPGRAM_API_KEY": deepgram.key, "DEEPGRAM_API_URL": deepgram.url}
    async with answering(livekit, told) as there:
        await there.start_worker()
        yield there


@pytest.fixture(autouse=True)
def silent(vendors):
    """The model greets, hears what is asked, and says nothing any more."""
    live, _ = vendors
    live.reset()
    live.scenes(Asked("Greet the caller"), Says(HELLO), Heard(HOURS), Withhold())


async def _asks(desk, call, caller, live) -> None:
    """The caller is greeted, asks, and waits."""
    await caller.hears_words(HELLO)
    await says(live, caller, HOURS)

    async def other_mode():
        return (await desk.now(call)).mode != "realtime"

    await desk.comes(other_mode, 25)


async def _thanks(caller) -> None:
    """Say thank you until it is answered: a busy machine tears speech, and a torn word is none to an ear."""
    for _ in range(3):
        await caller.say(THANKS)
        with suppress(TimeoutError):
            await caller.hears_words("You said: thank you very much", seconds=10)
            return
    raise AssertionError("the thanks were not answered")


async def test_a_pipeline_takes_a_call_over_whose_model_is_silent(desk, vendors):
    """What was asked is answered by the desk, in a voice of another vendor, and so is what follows."""
    live, deepgram = vendors
    await desk.publish(
        voice={
            "stt": {"provider": "deepgram"},
            "tts": {"provider": "deepgram"},
            "voice_id": None,
            "turn_detection": {"silence_duration_ms": 400},
            "watchdog": {"fallback_after_ms": 4000, "retry_after_ms": 19000},
        }
    )
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await _asks(desk, call, caller, live)
        assert "orchestrated" == (await desk.now(call)).mode
        await caller.hears_words("You said: what are your opening hours", seconds=20)
        await _thanks(caller)

        async def written():
            said = understood(await desk.said(call))
            return said if len(said) >= 5 else None

        said = await desk.comes(written, 15)
    assert [("desk", HELLO), ("customer", HOURS)] == said[:2]
    assert ("customer", THANKS) in said
    assert deepgram.spoken


async def test_without_an_ear_of_its_own_a_voice_answers_what_the_model_heard(desk, vendors):
    """Gemini's voice says what a model alone thinks; the figures say that it was another way."""
    await desk.publish(voice={"watchdog": {"fallback_after_ms": 4000, "retry_after_ms": 19000}})
    call = await desk.call()
    async with calling(desk.livekit, call.room) as caller:
        await _asks(desk, call, caller, vendors[0])
        assert "direct" == (await desk.now(call)).mode
        await caller.hears_words("You said: what are your opening hours", seconds=20)
