"""The contract runs against each backend by name; what passes is what "works" means."""

import pytest
from embedded_ports import open_embedded


@pytest.fixture(params=["embedded", pytest.param("google", marks=pytest.mark.emulators)])
async def harness(request, tmp_path):
    """One backend, open and empty."""
    async with _opener(request.param)(tmp_path) as opened:
        yield opened


def _opener(backend):
    if backend == "embedded":
        return open_embedded
    from google_ports import open_google  # noqa: PLC0415 - loads Google's clients

    return open_google


@pytest.fixture
def ports(harness):
    return harness.ports


@pytest.fixture
def store(ports):
    return ports.store


@pytest.fixture
def bus(ports):
    return ports.bus


@pytest.fixture
def timers(ports):
    return ports.timers


@pytest.fixture
def blobs(ports):
    return ports.blobs


@pytest.fixture
def live(ports):
    return ports.live
