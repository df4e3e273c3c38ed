"""What the embedded Live does with watchers that are slow, and with its own table."""

import asyncio
from contextlib import aclosing

from shared.backends.embedded.live import EmbeddedLive


async def test_notes_without_payload_fold(database, moved):
    """A watcher that was busy is woken once for many."""
    live = EmbeddedLive(database, moved)
    async with aclosing(live.watch("k")) as watch:
        waiting = asyncio.ensure_future(anext(watch))
        await asyncio.sleep(0)
        for _ in range(5):
            await live.notify("k")
        await live.notify("k", {"n": 1})

        seen = [await waiting, await anext(watch)]
        while seen[-1] is None:
            seen.append(await anext(watch))
    await live.close()
    assert len(seen) < 6
    assert seen[-1] == {"n": 1}


async def test_a_watcher_that_never_reads_holds_no_endless_queue(database, moved):
    """Beyond a few hundred notes they become one hint to read the Store."""
    live = EmbeddedLive(database, moved)
    async with aclosing(live.watch("k")) as watch:
        waiting = asyncio.ensure_future(anext(watch))
        await asyncio.sleep(0)
        await live.notify("k", {"n": 0})
        await waiting
        for number in range(300):
            await live.notify("k", {"n": number})
        assert await anext(watch) is None
    await live.close()


async def test_old_notes_leave_the_table(database, moved):
    """Notes are kept for a minute, for processes that look a little later."""
    live = EmbeddedLive(database, moved)
    for number in range(30):
        await live.notify("k", {"n": number})
    for _ in range(5):
        moved.move(minutes=2)
        await live.notify("k")

    left = await database.read(
        lambda connection: connection.execute("SELECT count(*) FROM notes").fetchone()[0]
    )
    await live.close()
    assert left < 5
