"""A text written in the console reads its own business's files and shared ones, and nothing else."""

import pytest

from shared.config.catalogue import Catalogue
from shared.config.drafts import Drafts
from shared.config.publish import publish_folder

DESK = """\
tenant: {{id: {tenant}, name: Business}}
desk: {{id: {desk}, name: Front}}
channels: {{webchat: {{}}}}
"""
BASE = "agent: {guidelines: [Be brief.]}\nknowledge: {files: [rules.md]}\n"


@pytest.fixture
async def drafts(versions, tmp_path):
    """Two businesses' files beside each other, with what both may inherit."""
    files = {
        "mine/front.yaml": DESK.format(tenant="mine", desk="front"),
        "mine/own.yml.part": "agent: {guidelines: [Smile.]}\n",
        "mine/own.md": "We open at nine.",
        "theirs/back.yaml": DESK.format(tenant="theirs", desk="back"),
        "theirs/knowledge/prices.csv": "what,price\nsecret,9\n",
        "bases/shop.yaml": BASE,
        "bases/rules.md": "No dogs.",
        "words/greeting.md": "Welcome.",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    await publish_folder(tmp_path, versions, Catalogue())
    return Drafts(versions=versions, catalogue=Catalogue, folder=tmp_path)


@pytest.mark.parametrize(
    "more",
    [
        "extends: ../theirs/back.yaml",
        "extends: ../bases/../theirs/back.yaml",
        "knowledge: {files: [../theirs/knowledge/prices.csv]}",
    ],
)
async def test_another_businesss_files_are_refused(drafts, more):
    """Neither its settings nor its knowledge come in by a path, and the refusal says why."""
    running = await drafts.running("mine", "front")
    judged = await drafts.judged(running, f"{running.text}{more}\n")

    assert judged.config is None
    assert {} == judged.knowledge
    assert ["which is another business's"] == [one.found.partition(", ")[2] for one in judged.problems]


async def test_a_business_that_has_no_file_is_another_business_as_well(drafts):
    """What is left beside a desk that lives in the store alone stays its own."""
    (drafts.folder / "theirs/back.yaml").unlink()
    running = await drafts.running("mine", "front")
    judged = await drafts.judged(
        running, f"{running.text}knowledge: {{files: [../theirs/knowledge/prices.csv]}}"
    )

    assert judged.config is None


async def test_a_business_reads_its_own_files_and_those_that_are_nobodys(drafts):
    """A base, its knowledge, a folder of words for everybody, and what stands beside the desk's file."""
    running = await drafts.running("mine", "front")
    files = "[own.md, ../words/greeting.md, ../bases/rules.md]"
    own = await drafts.judged(running, f"{running.text}knowledge: {{files: {files}}}\n")
    inherited = await drafts.judged(running, f"{running.text}extends: ../bases/shop.yaml\n")

    assert {"own.md", "../words/greeting.md", "../bases/rules.md"} == set(own.knowledge)
    assert () == own.problems == inherited.problems
    assert {"../bases/rules.md"} == set(inherited.knowledge)
