"""Live: watchers wake, here and in other processes."""

import asyncio
from contextlib import aclosing


async def next_of(watch):
    """The next note, or a failure where none comes."""
    async with asyncio.timeout(30):
        return await anext(watch)


async def awaited(watch):
    """A task that waits for the next note, and has begun to."""
    task = asyncio.create_task(next_of(watch))
    await asyncio.sleep(0)
    return task


async def test_a_notification_wakes_every_watcher_of_its_key(live):
    """Each watcher of the key yields; the note without payload is None."""
    async with aclosing(live.watch("k")) as one, aclosing(live.watch("k")) as two:
        waiting = [await awaited(one), await awaited(two)]
        await live.notify("k")

        assert await asyncio.gather(*waiting) == [None, None]


async def test_payload_notes_each_come_in_order(live):
    """Notes with a payload do not fold, and keep their order."""
    async with aclosing(live.watch("k")) as watch:
        first = await awaited(watch)
        for number in range(20):
            await live.notify("k", {"partial": f"word {number}", "unicode": "नमस्ते"})

        notes = [await first] + [await next_of(watch) for _ in range(19)]
    assert notes == [{"partial": f"word {number}", "unicode": "नमस्ते"} for number in range(20)]


async def test_other_keys_stay_asleep(live):
    """A watcher hears nothing of another key."""
    async with aclosing(live.watch("mine")) as watch:
        waiting = await awaited(watch)
        await live.notify("other", {"for": "others"})
        await live.notify("mine", {"for": "me"})

        assert await waiting == {"for": "me"}


async def test_notes_before_the_watch_are_not_replayed(live):
    """What was said before anybody watched is gone."""
    await live.notify("k", {"n": 1})
    async with aclosing(live.watch("k")) as watch:
        waiting = await awaited(watch)
        await live.notify("k", {"n": 2})

        assert await waiting == {"n": 2}


async def test_notes_between_two_awaits_are_kept(live):
    """A watcher that is busy with one note finds the next one afterwards."""
    async with aclosing(live.watch("k")) as watch:
        waiting = await awaited(watch)
        await live.notify("k", {"n": 1})
        assert await waiting == {"n": 1}
        await live.notify("k", {"n": 2})

        assert await next_of(watch) == {"n": 2}


async def test_another_process_is_woken_with_the_payload(harness):
    """A note reaches the watchers of every process, in order."""
    other = await harness.another()
    async with aclosing(other.live.watch("k")) as watch:
        waiting = await awaited(watch)
        await asyncio.sleep(0.3)  # the other process must have begun to look
        await harness.ports.live.notify("k", {"n": 1})
        await harness.ports.live.notify("k", {"n": 2})

        assert [await waiting, await next_of(watch)] == [{"n": 1}, {"n": 2}]


async def test_a_closed_watch_lets_go_and_the_key_can_be_watched_again(live):
    """After aclose nothing is held, and a new watch hears new notes."""
    async with aclosing(live.watch("k")) as watch:
        waiting = await awaited(watch)
        await live.notify("k")
        await waiting

    async with aclosing(live.watch("k")) as watch:
        waiting = await awaited(watch)
        await live.notify("k", {"again": True})
        assert await waiting == {"again": True}


async def test_notify_does_not_wait_for_watchers(live):
    """A watcher that never reads does not hold up the one who notifies."""
    async with aclosing(live.watch("k")) as watch:
        waiting = await awaited(watch)
        await asyncio.wait_for(asyncio.gather(*(live.notify("k", {"n": n}) for n in range(100))), 30)

        assert "n" in await waiting
