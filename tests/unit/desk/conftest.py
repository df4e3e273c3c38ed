"""What the tests of the conversation share: a desk that is published, and a clock they move."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared import bootstrap
from shared.backends.embedded import open as embedded
from shared.config.settings import read_settings
from tests.unit.desk.front import Front, MovedClock


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def environment() -> dict[str, str]:
    """What a test file adds to the machine's environment."""
    return {}


@pytest.fixture
async def front(
    tmp_path: Path, clock: MovedClock, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Front]:
    """The desk, published; the offline model answers unless the environment names another."""
    monkeypatch.setattr(embedded, "EmbeddedClock", lambda: clock)
    told = {"FRONTDESK_DATA": str(tmp_path), "META_APP_ID": "app-1", "META_ACCESS_TOKEN": "t", **environment}
    process = bootstrap.Process(read_settings(told), told)
    front = Front(await process.services(), clock)
    await front.publish()
    yield front
    await process.close()
