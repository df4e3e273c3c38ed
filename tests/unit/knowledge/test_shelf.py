"""How long a built index stays, and who shares it."""

import asyncio

import pytest

from shared.domain.errors import Malformed
from shared.knowledge.shelf import Shelf


class Files:
    """A desk's files, counting how often they are loaded."""

    def __init__(self, **files: bytes) -> None:
        self.files = {f"{name}.txt": content for name, content in files.items()}
        self.loaded = 0

    async def __call__(self):
        self.loaded += 1
        await asyncio.sleep(0)
        return self.files


async def test_a_version_is_built_once_for_all_who_ask():
    """Callers at the same time and later ones get the same index from one loading."""
    shelf, files = Shelf(), Files(faq=b"Parking is free")
    indexes = await asyncio.gather(*(shelf.index("acme", "front", 1, files) for _ in range(5)))

    assert files.loaded == 1
    assert len({id(index) for index in indexes}) == 1


async def test_a_new_version_and_another_tenant_have_their_own():
    """A published change is seen at once, and no tenant sees another's knowledge."""
    shelf = Shelf()
    old = await shelf.index("acme", "front", 1, Files(faq=b"Parking is free"))
    new = await shelf.index("acme", "front", 2, Files(faq=b"Parking costs 20"))
    other = await shelf.index("other", "front", 1, Files(faq=b"No cars"))

    assert [i.search("parking")[:1] != [] for i in (old, new, other)] == [True, True, False]
    assert new.search("parking")[0].text == "Parking costs 20"


async def test_who_reads_some_of_the_files_has_an_index_of_those():
    """A member of a team finds nothing in files that are not its own, and the desk goes on finding all."""
    shelf = Shelf()
    whole = await shelf.index("acme", "front", 1, Files(faq=b"Parking is free"), files=["faq.txt"])
    part = await shelf.index("acme", "front", 1, Files(), files=[])

    assert (1, 0) == (len(whole.search("parking")), len(part.search("parking")))


async def test_a_file_that_failed_is_tried_again():
    """A refused file is told to every caller and read anew by the next."""
    shelf, files = Shelf(), Files(faq=b"\xff")
    with pytest.raises(Malformed, match=r"faq\.txt"):
        await shelf.index("acme", "front", 1, files)
    files.files = {"faq.txt": b"Parking is free"}

    assert len(await shelf.index("acme", "front", 1, files)) == 1


async def test_the_least_lately_used_index_goes_first():
    """The shelf keeps its bound and drops what nobody asked for longest."""
    shelf, files = Shelf(room=2), Files(faq=b"x")
    for desk in ("a", "b", "a", "c", "a", "b"):
        await shelf.index("acme", desk, 1, files)

    assert files.loaded == 4
