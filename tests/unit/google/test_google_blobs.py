"""What is Cloud Storage's own in Blobs: failures on the way, and content too large for one request."""

import pytest

from shared.backends.google import blobs as module
from shared.backends.google.blobs import GoogleBlobs
from shared.domain.errors import Permanent, Transient
from tests.standins.cloud_storage import cloud_storage


@pytest.fixture
async def storage():
    async with cloud_storage() as service:
        yield service


@pytest.fixture
async def blobs(storage):
    blobs = GoogleBlobs("p", "bucket", endpoint=storage.address)
    yield blobs
    await blobs.close()


async def test_a_large_blob_is_uploaded_resumably(blobs, storage):
    """Beyond eight megabytes the client opens a session; nothing of the content is lost."""
    content = bytes(range(256)) * 40_000
    await blobs.put("tenants/acme/price list.pdf", content, "application/pdf")

    assert storage.objects["bucket", "tenants/acme/price list.pdf"] == (content, "application/pdf")
    assert await blobs.get("tenants/acme/price list.pdf") == (content, "application/pdf")


async def test_a_service_that_stumbles_is_asked_again(blobs, storage):
    """One 503 costs a moment, not the blob."""
    storage.failures = [503]
    await blobs.put("a", b"x", "text/plain")

    assert await blobs.get("a") == (b"x", "text/plain")


async def test_a_refused_request_is_permanent(blobs, storage):
    """A missing role does not come back by waiting."""
    storage.failures = [403]
    with pytest.raises(Permanent, match="writing blob 'a'"):
        await blobs.put("a", b"x", "text/plain")


async def test_storage_out_of_reach_is_transient(monkeypatch):
    """Nobody listens there, for as long as we are ready to wait."""
    monkeypatch.setattr(module, "RETRY", module.RETRY.with_timeout(0.1))
    blobs = GoogleBlobs("p", "bucket", endpoint="http://127.0.0.1:1")

    with pytest.raises(Transient):
        await blobs.get("a")
    await blobs.close()
