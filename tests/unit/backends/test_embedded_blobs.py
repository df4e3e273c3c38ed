"""The blob folder: nothing in it but blobs, whatever became of those who wrote them."""

import errno
import os
import stat

import pytest

from shared.backends.embedded.blobs import EmbeddedBlobs
from shared.domain.errors import Transient


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_put_that_fails_leaves_the_old_content_and_no_litter(tmp_path, monkeypatch):
    """A full disk is a failure that may pass; what was there stays whole."""
    blobs = EmbeddedBlobs(tmp_path / "blobs")
    await blobs.put("a/b", b"old", "text/plain")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Transient, match="No space left"):
        await blobs.put("a/b", b"new", "text/plain")

    assert await blobs.get("a/b") == (b"old", "text/plain")
    assert len(files(tmp_path)) == 1


async def test_a_blob_is_one_file_and_deleting_it_leaves_none(tmp_path):
    """Written over and over it stays one."""
    blobs = EmbeddedBlobs(tmp_path / "blobs")
    for number in range(5):
        await blobs.put("a/b", b"%d" % number, "text/plain")
    assert len(files(tmp_path)) == 1

    await blobs.delete("a/b")
    assert files(tmp_path) == []


async def test_the_folder_is_its_owners_alone(tmp_path):
    """Customers' pictures are not for other users of the machine."""
    await EmbeddedBlobs(tmp_path / "blobs").put("a/b", b"x", "text/plain")

    assert stat.S_IMODE((tmp_path / "blobs").stat().st_mode) & 0o077 == 0
