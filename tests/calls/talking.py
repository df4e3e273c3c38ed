"""What tests of a voice worker share: one that answers, a model by scenes, callers who say it again."""

import asyncio

import pytest
import pytest_asyncio

from shared.domain.calls import Call
from tests.calls.answering import answering
from tests.standins.gemini_live import GeminiLive
from tests.standins.live_script import Asked, Says

HELLO = "Hello, this is Acme Clinic, how can I help?"


@pytest.fixture(scope="module")
def model():
    """The model's stand-in, thinking as long as the vendor's does at its best."""
    with GeminiLive(thinking=0.3) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(livekit, model):
    """An installation with one worker."""
    async with answering(livekit, model.settings) as there:
        await there.start_worker()
        yield there


@pytest.fixture(autouse=True)
def scenes(model):
    """Each test tells the model its own scenes; it greets in all."""
    model.reset()
    model.scenes(Asked("Greet the caller"), Says(HELLO))
    return model.scenes


async def over(desk, call: Call) -> Call:
    """The call once it has ended."""

    async def ended():
        found = await desk.now(call)
        return found if found.state == "ended" else None

    return await desk.comes(ended)


async def says(model, caller, text):
    """Say a sentence so that the model understands it; when it was said. A busy machine tears speech."""
    began = len(model.log)
    for _ in range(4):
        before = len(model.log)
        _, stopped = await caller.say(text)
        for _ in range(80):
            ends = [one.body["text"] for one in model.log[before:] if one.kind == "speech_ended"]
            if text in ends:
                return stopped
            if ends:
                await asyncio.sleep(3)  # it asks back
                break
            await asyncio.sleep(0.05)
    noted = [(round(one.at, 1), one.kind, one.body) for one in model.log[began:] if one.way == "own"]
    raise AssertionError(f"the model did not understand {text!r}; it noted {noted}")


async def hears(caller, text, since=0.0):
    """Returns once these words were said and sound was heard."""
    await caller.reads(text.rstrip(".?"), 20)
    await caller.hears(since)


def understood(lines):
    """What was said, without what a torn line added."""
    return [one for one in lines if one[1] not in ("(not understood)", "I did not catch that.")]
