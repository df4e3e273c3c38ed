"""What is Firestore's own in Live: one Listen for all watchers of a key, and an end to it."""

import asyncio
from contextlib import aclosing

import pytest

from shared.backends.google import live as module
from shared.backends.google.live import GoogleLive
from shared.domain.errors import Transient
from tests.emulators import shared_firestore

pytestmark = pytest.mark.emulators


@pytest.fixture
async def live(project, store, clock):
    live = GoogleLive(project, store=store, clock=clock, emulator=shared_firestore())
    yield live
    await live.close()


async def next_of(watch):
    async with asyncio.timeout(30):
        return await anext(watch)


async def test_watchers_of_a_key_share_one_listen_and_the_last_ends_it(live):
    """A hundred people on one conversation cost one stream."""
    async with aclosing(live.watch("k")) as one, aclosing(live.watch("k")) as two:
        waiting = [asyncio.create_task(next_of(watch)) for watch in (one, two)]
        await asyncio.sleep(0)
        await live.notify("k", {"n": 1})
        assert await asyncio.gather(*waiting) == [{"n": 1}, {"n": 1}]
        assert len(live._keys) == 1
        listen = live._keys["k"].listen.result()
        assert listen.is_active

    assert live._keys == {}
    assert not listen.is_active


async def test_a_second_watcher_hears_nothing_from_before_it_came(live):
    """The Listen knows older notes; a new watcher is not told them."""
    async with aclosing(live.watch("k")) as one, aclosing(live.watch("k")) as two:
        first = asyncio.create_task(next_of(one))
        await asyncio.sleep(0)
        await live.notify("k", {"n": 1})
        assert await first == {"n": 1}
        second = asyncio.create_task(next_of(two))
        await asyncio.sleep(0)
        await live.notify("k", {"n": 2})

        assert await second == {"n": 2}


async def test_a_watch_that_was_cut_off_says_so(live, monkeypatch):
    """A silent watcher looks whether it is still connected, and tells its reader to begin again."""
    monkeypatch.setattr(module, "LOOK", 0.05)
    async with aclosing(live.watch("k")) as watch:
        waiting = asyncio.create_task(next_of(watch))
        await asyncio.sleep(0)
        await live.notify("k")
        assert await waiting is None
        await asyncio.to_thread(live._keys["k"].listen.result().unsubscribe)

        with pytest.raises(Transient, match="watch it again"):
            await next_of(watch)


async def test_a_slow_watcher_keeps_no_endless_queue(live, monkeypatch):
    """One who does not read is told in the end only that something happened."""
    monkeypatch.setattr(module, "LONGEST_QUEUE", 3)
    async with aclosing(live.watch("k")) as watch:
        waiting = asyncio.create_task(next_of(watch))
        await asyncio.sleep(0)
        await live.notify("k", {"n": 0})
        assert await waiting == {"n": 0}
        (watcher,) = live._keys["k"].watchers
        for number in range(1, 5):
            watcher.tell({"n": number})

        assert [await next_of(watch)] == [None]
