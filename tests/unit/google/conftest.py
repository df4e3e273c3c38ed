"""The Google backend against the official emulators, each test in a project of its own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.backends.google.store import GoogleStore
from shared.backends.google.timers import GoogleTimers
from tests.emulators import shared_firestore
from tests.standins.cloud_tasks import CloudTasks, cloud_tasks


class MovableClock:
    """A clock that stands where the test puts it, ahead of the real one by `ahead`."""

    ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def project() -> str:
    return f"demo-{uuid4().hex[:12]}"


@pytest.fixture
async def store(project: str, clock: MovableClock) -> AsyncIterator[GoogleStore]:
    store = GoogleStore(project, clock=clock, emulator=shared_firestore())
    yield store
    await store.close()


@pytest.fixture
def queue(project: str) -> str:
    return f"projects/{project}/locations/l/queues/timers"


@pytest.fixture
async def tasks() -> AsyncIterator[CloudTasks]:
    async with cloud_tasks() as service:
        yield service


@pytest.fixture
async def timers(
    queue: str, store: GoogleStore, clock: MovableClock, tasks: CloudTasks
) -> AsyncIterator[GoogleTimers]:
    """Timers of two handlers that nobody serves; the queue is paused, so that tasks can be looked at."""
    tasks.add_queue(queue)
    tasks.queues[queue].running.clear()
    handlers = {"take_turn": "http://127.0.0.1:1/take_turn", "advance_run": "http://127.0.0.1:1/advance_run"}
    timers = GoogleTimers(queue, handlers, store=store, clock=clock, address=tasks.address)
    yield timers
    await timers.close()
