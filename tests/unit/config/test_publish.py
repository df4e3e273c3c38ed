"""A folder of files: valid changed ones run, a broken one leaves its desk as it was."""

import asyncio
import shutil

import pytest

from shared.config.catalogue import Catalogue
from shared.config.publish import desk_files, folder_reader, publish_folder, watch
from tests.unit.config.places import CONFIGS


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(CONFIGS, tmp_path / "configs")
    return tmp_path / "configs"


async def test_a_start_publishes_every_valid_desk(folder, versions):
    """The sample desks all run after the first start, and a second start changes nothing."""
    first = await publish_folder(folder, versions, Catalogue())
    second = await publish_folder(folder, versions, Catalogue())

    assert [result.outcome for result in first] == ["published"] * 3
    assert [result.outcome for result in second] == ["unchanged"] * 3
    assert [result.desk for result in first] == ["acme-sales", "krishna", "saffron"]
    assert b"Complete blood count" in await versions.knowledge(
        "krishna-diagnostics", (await versions.published("krishna")).knowledge["knowledge/tests.csv"]
    )


async def test_a_broken_file_leaves_the_last_good_version(folder, versions):
    """The result carries the problems; the desk runs on as it was."""
    await publish_folder(folder, versions, Catalogue())
    path = folder / "acme-corp" / "sales.yaml"
    path.write_text(path.read_text("utf-8").replace("languages: [en]", "languages: en-"), "utf-8")

    results = {result.file: result for result in await publish_folder(folder, versions, Catalogue())}

    broken = results["acme-corp/sales.yaml"]
    assert broken.outcome == "invalid"
    assert broken.problems[0].path == "desk.languages"
    assert (await versions.published("acme-sales")).version == 1


async def test_a_changed_base_changes_its_desks(folder, versions):
    """Whoever inherits a file is published anew when it changes."""
    await publish_folder(folder, versions, Catalogue())
    base = folder / "bases" / "restaurant.yaml"
    base.write_text(base.read_text("utf-8").replace("warm and quick", "warm and slow"), "utf-8")

    outcomes = {result.desk: result.outcome for result in await publish_folder(folder, versions, Catalogue())}

    assert outcomes == {"acme-sales": "unchanged", "krishna": "unchanged", "saffron": "published"}
    assert (await versions.published("saffron")).config.agent.personality == "warm and slow"


async def test_two_files_for_one_account_are_told_apart(folder, versions):
    """The second file that claims an account is refused, in the words of its owner."""
    clone = folder / "acme-corp" / "second.yaml"
    text = (folder / "acme-corp" / "sales.yaml").read_text("utf-8")
    clone.write_text(text.replace("id: acme-sales", "id: acme-second"), "utf-8")

    results = {result.file: result for result in await publish_folder(folder, versions, Catalogue())}

    assert results["acme-corp/sales.yaml"].outcome == "published"
    assert "belongs to the desk 'acme-sales'" in str(results["acme-corp/second.yaml"].problems[0])


async def test_a_file_that_cannot_be_opened_is_a_result(folder, versions):
    """A folder where a file should be stops nobody else."""
    (folder / "acme-corp" / "odd.yaml").mkdir()

    results = {result.file: result for result in await publish_folder(folder, versions, Catalogue())}

    assert results["acme-corp/odd.yaml"].outcome == "invalid"
    assert len(results) == 4


def test_nothing_outside_the_folder_is_read(folder, tmp_path):
    """Neither a path that climbs out nor a link that points out reaches another file."""
    (tmp_path / "outside.md").write_text("secret")
    (folder / "link.md").symlink_to(tmp_path / "outside.md")
    read = folder_reader(folder)

    assert read("../outside.md") is None
    assert read(str(tmp_path / "outside.md")) is None
    assert read("link.md") is None
    assert read("acme-corp/knowledge/product.md")


def test_bases_are_no_desks(folder):
    """Files to inherit from are not published themselves."""
    assert [path.parent.name for path in desk_files(folder)] == [
        "acme-corp",
        "krishna-diagnostics",
        "saffron-table",
    ]


async def test_a_save_is_seen(folder, versions):
    """While the folder is watched, a saved file is published without being asked."""
    await publish_folder(folder, versions, Catalogue())
    stop = asyncio.Event()
    path = folder / "acme-corp" / "sales.yaml"

    async def save_until_seen():
        for number in range(100):
            path.write_text(path.read_text("utf-8") + f"# {number}\n", "utf-8")
            if number == 0:
                path.write_text(path.read_text("utf-8").replace("name: Alex", "name: Robin"), "utf-8")
            await asyncio.sleep(0.1)

    saving = asyncio.create_task(save_until_seen())
    async with asyncio.timeout(15):
        async for results in watch(folder, versions, Catalogue(), stop=stop):
            if any(result.outcome == "published" for result in results):
                stop.set()
    saving.cancel()

    assert (await versions.published("acme-sales")).config.agent.name == "Robin"
