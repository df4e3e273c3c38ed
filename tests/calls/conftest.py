"""Calls through a real LiveKit server and a stand-in for Gemini Live; every test here needs `.ci/livekit`."""

from pathlib import Path

import pytest
from livekit.agents.utils import http_context

from tests.livekit_server import livekit, livekit_with_redis
from tests.standins.gemini_live import GeminiLive

__all__ = ["livekit", "livekit_with_redis"]

TWICE_DROPPED = (
    "ignore:Exception ignored in. <function FfiHandle.__del__:pytest.PytestUnraisableExceptionWarning"
)


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.livekit)
            # Vendors' plugins leave sockets to the garbage collector, whose turn comes in any later test.
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"))
            # A room that its server closes drops its tracks' handles, and LiveKit's Python drops them again.
            item.add_marker(pytest.mark.filterwarnings(TWICE_DROPPED))
            # Sound is played and heard in real time, and a machine that halts for a moment tears words. What
            # fails is tried once more and counted as a rerun; twice is a failure.
            item.add_marker(pytest.mark.flaky(reruns=1, reruns_delay=3))


@pytest.fixture
def live(monkeypatch):
    """A stand-in whose answers come fast; the environment leads Google's client to it."""
    with GeminiLive(thinking=0.05, speed=20, playing=0) as server:
        for name, value in server.settings.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
async def job_context():
    """What a job of LiveKit's agents gives its plugins: one HTTP session for all, closed at the end."""
    http_context._new_session_ctx()
    yield
    await http_context._close_http_ctx()
