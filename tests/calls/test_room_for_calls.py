"""How many calls a worker takes, through the real LiveKit server: all that there is room for, and no more."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from tests.calls.answering import answering
from tests.calls.caller import calling
from tests.calls.talking import model, over, scenes

__all__ = ["model", "scenes"]
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _ring(desk, stack, count):
    """So many calls in one moment, each with its caller in the room."""
    published = await desk.services.versions.published("front")
    calls = [await desk.begun(published) for _ in range(count)]
    for call in calls:
        await stack.enter_async_context(calling(desk.livekit, call.room))
    await asyncio.gather(*map(desk.dispatch, calls))
    return calls


async def _taken(desk, calls):
    now = [await desk.now(call) for call in calls]
    return sum(call.generation for call in now)


async def test_calls_of_one_moment_are_all_taken_by_a_worker_that_had_none(livekit, model):
    """None of three is refused, which LiveKit would send to nobody else; each is greeted."""
    async with answering(livekit, model.settings) as desk, AsyncExitStack() as stack:
        await desk.start_worker()
        calls = await _ring(desk, stack, 3)

        async def greeted():
            return all([(await desk.now(call)).first_word_at for call in calls])

        await desk.comes(greeted, 60)
        assert 3 == await _taken(desk, calls)


async def test_a_call_there_is_no_room_for_is_refused_until_another_has_ended(livekit, model):
    """A worker of one call takes one of two, and the other when it is sent for again after the first."""
    async with answering(livekit, model.settings) as desk, AsyncExitStack() as stack:
        await desk.start_worker(VOICE_CALLS="1")
        calls = await _ring(desk, stack, 2)

        async def one_taken():
            return await _taken(desk, calls)

        await desk.comes(one_taken, 30)
        await asyncio.sleep(2)
        assert 1 == await _taken(desk, calls)
        first, other = sorted([await desk.now(call) for call in calls], key=lambda call: -call.generation)
        await desk.services.livekit().remove(first.room, "caller")
        await over(desk, first)

        async def other_taken():
            await desk.dispatch(other)
            await asyncio.sleep(1)
            return (await desk.now(other)).generation

        assert await desk.comes(other_taken, 20)
