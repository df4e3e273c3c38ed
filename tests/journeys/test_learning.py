"""From what the desk could not answer to the desk that can: a person's words, approved, run."""

import shutil
from pathlib import Path

import pytest
from house import LAB, ROOT, House, until

from shared.desk.proposals import approve, proposals
from shared.desk.resolve import resolve
from shared.desk.speak import speak
from shared.desk.take import take
from shared.domain.colleagues import Actor
from shared.ports import Query

TENANT = "krishna-diagnostics"
PRIYA = Actor(id="priya", name="Priya", role="supervisor")
QUESTION = "Do you have a wheelchair ramp?"
ANSWER = "Yes, the ramp is at the side entrance on Temple Lane; ring 7 and somebody opens."


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    """Files of the journey's own, for they will change."""
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    return tmp_path / "configs"


async def test_what_a_person_answered_the_desk_answers_next_time(house: House, configs: Path) -> None:
    """A question goes to a person, is resolved, proposed, approved, and then answered to somebody else."""
    services = await house.process.services()
    first = await house.ask(QUESTION)
    assert "Temple Lane" not in first
    await house.ask("I want to talk to a human please")
    (conversation,) = [
        document.name
        for document in (await services.tenant(TENANT).query("conversations", Query())).documents
    ]
    await take(services, TENANT, conversation, by=PRIYA)
    await speak(services, TENANT, conversation, text=ANSWER, client_id="one", by=PRIYA)
    await until(lambda: ANSWER in house.replies())
    await resolve(services, TENANT, conversation, by=PRIYA, summary="Told about the ramp")

    async def proposed() -> bool:
        return bool((await proposals(services, TENANT)).items)

    await until(proposed)
    (proposal,) = (await proposals(services, TENANT)).items
    assert (proposal.fix.title, proposal.fix.text) == (QUESTION, ANSWER)
    assert proposal.before is not None
    assert not proposal.before.passed

    done = await approve(services, TENANT, proposal.id, by=PRIYA)

    assert done.published == 2
    assert "Temple Lane" in await house.ask(QUESTION, sender="919800000002")
    learned = configs / TENANT / "knowledge" / "learned-krishna.md"
    assert ANSWER in learned.read_text("utf-8")
    assert await services.versions.route("whatsapp", LAB) == (TENANT, "krishna")
