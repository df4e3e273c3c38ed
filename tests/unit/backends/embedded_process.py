"""A process of its own on the embedded backend, for tests that kill it: python embedded_process.py FILE ROLE.

Every line it prints is a fact that must outlive it.
"""

import asyncio
import os
import sys
from pathlib import Path

from shared.backends.embedded.bus import EmbeddedBus
from shared.backends.embedded.clock import EmbeddedClock
from shared.backends.embedded.database import Database
from shared.backends.embedded.jobs import Pace, Subscription
from shared.backends.embedded.store import EmbeddedStore
from shared.ports import Create, Put

SUBSCRIPTIONS = {"work-told": (Subscription("work", 5, 0.01, 0.05),)}


def say(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def write(database):
    """Eight writers at once: a pair that must stay alike, and a document for each commit."""
    store = EmbeddedStore(database, EmbeddedClock())

    async def commit(writer):
        for number in range(1_000_000):
            name = f"{os.getpid()}-{writer}-{number}"
            pair = [Put(f"pairs/{writer}/side/{side}", {"name": name}) for side in "ab"]
            await store.commit([pair[0], Create(f"log/{name}", {}), pair[1]])
            say(name)

    await asyncio.gather(*(commit(writer) for writer in range(8)))


async def work(database):
    """Hear messages until the standard input ends."""
    bus = EmbeddedBus(database, EmbeddedClock(), SUBSCRIPTIONS, Pace(concurrency=4, lease=5))

    async def deliver(delivery):
        say(f"{delivery.body.decode()} begun")
        await asyncio.sleep(0.005)
        say(f"{delivery.body.decode()} done")

    running = asyncio.create_task(bus.run(deliver))
    say("ready")
    await asyncio.to_thread(sys.stdin.read)
    await bus.stop()
    await running


async def hang(database):
    """Take a message and never come to an end."""
    bus = EmbeddedBus(database, EmbeddedClock(), SUBSCRIPTIONS, Pace(lease=0.6))

    async def deliver(delivery):
        say(f"attempt {delivery.attempt}")
        await asyncio.sleep(600)

    await bus.run(deliver)


async def main(path, role):
    database = Database(Path(path))
    await {"write": write, "work": work, "hang": hang}[role](database)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
