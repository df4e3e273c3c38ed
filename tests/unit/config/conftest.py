"""What the tests of configuration share: the real store on a file, a clock that stands still."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.backends.embedded.database import Database
from shared.backends.embedded.store import EmbeddedStore
from shared.config.versions import Versions
from shared.security.tenancy import PlatformStore


class StandingClock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def pass_by(self, **amount: float) -> None:
        self.at += timedelta(**amount)


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
async def platform(tmp_path, clock):
    database = Database(tmp_path / "store.sqlite")
    yield PlatformStore.of(EmbeddedStore(database, clock))
    await database.close()


@pytest.fixture
def versions(platform, clock):
    return Versions(platform, clock)
