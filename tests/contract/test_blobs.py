"""Blobs: bytes by name."""

import asyncio

import pytest

from shared.domain.errors import Permanent


@pytest.mark.parametrize(
    "content",
    [
        b"",  # nothing at all
        b"line\nline\r\n",  # line ends stay as they are
        bytes(range(256)) * 8192,  # two megabytes of every byte
    ],
    ids=["empty", "text", "large"],
)
async def test_what_was_put_is_got(blobs, content):
    """Bytes and media type come back unchanged."""
    await blobs.put("tenants/acme/media/photo", content, "image/png")

    assert await blobs.get("tenants/acme/media/photo") == (content, "image/png")


async def test_a_missing_blob_is_none(blobs):
    """A name nobody wrote answers None."""
    assert await blobs.get("tenants/acme/nothing") is None


async def test_a_second_put_overwrites(blobs):
    """The newer content and media type replace the older."""
    await blobs.put("a/b", b"old", "text/plain")
    await blobs.put("a/b", b"new", "text/html")

    assert await blobs.get("a/b") == (b"new", "text/html")


async def test_delete_removes_and_may_be_repeated(blobs):
    """A deleted blob is gone, and deleting it again is no error."""
    await blobs.put("a/b", b"x", "text/plain")
    await blobs.delete("a/b")
    await blobs.delete("a/b")

    assert await blobs.get("a/b") is None


async def test_names_do_not_touch_each_other(blobs):
    """A name may be the beginning of another, differ in case alone, be long, or be in any script."""
    names = ["a", "a/b", "A", "прайс лист.pdf", "x" * 400, "50%/é?*|<>:"]
    for name in names:
        await blobs.put(name, name.encode(), "text/plain")

    assert [(await blobs.get(name))[0].decode() for name in names] == names


@pytest.mark.parametrize("name", ["", "/a", "a/", "a//b", "../a", "a/../b", "a/./b"])
async def test_names_that_could_leave_their_place_are_refused(blobs, name):
    """Empty parts and dots are Permanent errors, for reading and writing alike."""
    with pytest.raises(Permanent):
        await blobs.put(name, b"x", "text/plain")
    with pytest.raises(Permanent):
        await blobs.get(name)


async def test_a_reader_never_sees_half_a_blob(blobs):
    """While a blob is written over, whoever reads it gets the old content or the new, whole."""
    contents = [bytes([number]) * 3_000_000 for number in (1, 2)]
    await blobs.put("shared", contents[0], "text/1")

    async def write():
        for number in (2, 1) * 4:
            await blobs.put("shared", contents[number - 1], f"text/{number}")

    writing = asyncio.create_task(write())
    while not writing.done():
        content, media_type = await blobs.get("shared")
        assert content == contents[int(media_type.removeprefix("text/")) - 1]
    await writing


async def test_racing_puts_leave_one_of_them_whole(blobs):
    """Of concurrent writers one wins entirely: content and media type are of the same put."""
    await asyncio.gather(
        *(blobs.put("race", bytes([number]) * 10_000, f"text/{number}") for number in range(16))
    )

    content, media_type = await blobs.get("race")
    assert content == bytes([int(media_type.removeprefix("text/"))]) * 10_000
