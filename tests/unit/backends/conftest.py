"""A database on a folder of the test's own, and a clock that the test moves."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from shared.backends.embedded.database import Database


@dataclass
class MovedClock:
    """Stands still until moved."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 20, 16, tzinfo=UTC))

    def now(self):
        return self.at

    def move(self, **by):
        self.at += timedelta(**by)


@pytest.fixture
def moved():
    return MovedClock()


@pytest.fixture
async def database(tmp_path):
    opened = Database(tmp_path / "frontdesk.sqlite")
    yield opened
    await opened.close()
