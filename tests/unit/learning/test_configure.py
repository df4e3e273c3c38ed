"""A supervisor changes a desk in the console: drafts, publishing, rolling back, and peace with its file."""

import pytest

from shared.config.comparison import compare, lines_between
from shared.config.publish import publish_folder
from shared.desk.configure import keep_draft, publish_draft, roll_back, take_file
from shared.domain.colleagues import Actor
from shared.domain.errors import Contested, Permanent
from tests.unit.learning.conftest import ASHA, DESK, TENANT

PLACE = (TENANT, DESK)


async def _draft(here, before="name: Maya", after="name: Mira"):
    text = (await here.services.drafts.running(*PLACE)).text.replace(before, after)
    return await keep_draft(here.services, *PLACE, text=text, by=ASHA)


async def test_a_draft_runs_once_it_is_published(here):
    """Keeping a text changes nothing that runs; publishing it does, and the file says so too."""
    draft = await _draft(here)
    assert (draft.status, draft.origin, draft.by) == ("validated", "console", "Asha")
    assert (await here.services.versions.published(DESK)).config.agent.name == "Maya"

    done = await publish_draft(here.services, *PLACE, draft.number, onto=1, by=ASHA)

    assert done.version == draft.number
    assert (await here.services.versions.published(DESK)).config.agent.name == "Mira"
    assert "name: Mira" in here.file.read_text("utf-8")


async def test_a_draft_with_problems_is_kept_and_does_not_run(here):
    """Half a thought is not lost; its problems say what is missing before it can run."""
    draft = await _draft(here, "timezone: Asia/Kolkata", "timezone: Asia/Calcuta")

    assert draft.status == "draft"
    assert "timezone" in draft.problems[0].path
    with pytest.raises(Permanent, match="cannot be published"):
        await publish_draft(here.services, *PLACE, draft.number, onto=1, by=ASHA)


async def test_a_draft_takes_the_place_of_what_was_looked_at_alone(here):
    """Where somebody else published meanwhile, the difference is looked at again first."""
    mine, theirs = await _draft(here), await _draft(here, "name: Maya", "name: Tara")
    await publish_draft(here.services, *PLACE, theirs.number, onto=1, by=ASHA)

    with pytest.raises(Contested, match="runs since you looked"):
        await publish_draft(here.services, *PLACE, mine.number, onto=1, by=ASHA)


async def test_no_draft_becomes_another_desk(here):
    """The ids of business and desk are what data hangs on."""
    draft = await _draft(here, "id: krishna #", "id: other #")

    assert draft.status == "draft"
    with pytest.raises(Permanent, match="which never change"):
        await publish_draft(here.services, *PLACE, draft.number, onto=1, by=ASHA)


async def test_rolling_back_brings_back_text_and_file(here):
    """The version before runs again as a new one, and the file holds its words."""
    draft = await _draft(here)
    await publish_draft(here.services, *PLACE, draft.number, onto=1, by=ASHA)

    done = await roll_back(here.services, *PLACE, 1, by=ASHA)

    assert done.version == 3
    assert "name: Maya" in here.file.read_text("utf-8")
    assert (await roll_back(here.services, *PLACE, 1, by=ASHA)).said.endswith("nothing changed.")


async def test_a_file_that_differs_can_be_taken(here):
    """What was made here stays until a supervisor decides for the file."""
    here.file.write_text(here.file.read_text("utf-8").replace("name: Maya", "name: Uma"), "utf-8")
    draft = await _draft(here)
    await publish_draft(here.services, *PLACE, draft.number, onto=1, by=ASHA)
    results = await publish_folder(here.folder, here.services.versions, here.process.catalogue())
    assert {one.desk: one.outcome for one in results}[DESK] == "differs"
    on_file = await here.services.drafts.on_file(*PLACE)
    assert on_file.config.agent.name == "Uma"

    done = await take_file(here.services, *PLACE, by=ASHA)

    assert done.version == 3
    assert (await here.services.versions.published(DESK)).config.agent.name == "Uma"


async def test_a_human_agent_changes_no_desk(here):
    """Configurations are a supervisor's."""
    with pytest.raises(Permanent, match="supervisor changes"):
        await keep_draft(here.services, *PLACE, text="x", by=Actor(id="ben", name="Ben"))


async def test_another_business_s_desk_is_not_there(here):
    """A desk is reached from its own business alone."""
    with pytest.raises(Permanent, match="no desk 'krishna' of this business"):
        await roll_back(here.services, "acme-corp", DESK, 1, by=ASHA)


async def test_two_versions_are_compared_by_value_by_line_and_by_file(here):
    """What differs is told as values, as lines with their numbers, and as knowledge files."""
    old = await here.services.drafts.running(*PLACE)
    new = await _draft(here)
    knowledge = await here.services.drafts.knowledge(old)

    found = compare(old, new, knowledge, knowledge)

    assert [(one.path, one.before, one.after) for one in found.values] == [("agent.name", "Maya", "Mira")]
    changed = [(line.kind, line.text) for line in found.lines if line.kind in ("gone", "new")]
    assert changed == [("gone", "  name: Maya"), ("new", "  name: Mira")]
    assert found.lines[0].kind == found.lines[-1].kind == "gap"
    assert found.files == ()
    assert not found.same
    assert compare(old, old, knowledge, knowledge).same


def test_a_file_that_joined_is_all_new():
    """Lines of a text that was not there are new, with their numbers."""
    lines = lines_between("", "# Learned\nYes.")

    assert [(line.kind, line.after, line.text) for line in lines] == [
        ("new", 1, "# Learned"),
        ("new", 2, "Yes."),
    ]
