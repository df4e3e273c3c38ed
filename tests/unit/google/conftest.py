"""The Google backend against the official emulators, each test in a project of its own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.backends.google.store import GoogleStore
from tests.emulators import shared_firestore


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
