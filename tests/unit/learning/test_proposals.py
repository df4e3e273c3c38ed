"""A supervisor decides what a desk learns, and approval is a published version with its evidence."""

import asyncio

import pytest

from shared.config.behavior import EscalationTrigger
from shared.config.publish import publish_folder
from shared.desk.learn import propose
from shared.desk.proposals import CLAIMED, approve, change_proposal, proposal_of, proposals, refuse
from shared.desk.rehearse import Stage, rehearse
from shared.desk.retention import messages_until
from shared.domain.colleagues import Actor
from shared.domain.errors import Contested, Permanent, Transient
from shared.domain.instants import instant, stamp
from shared.domain.proposals import Fix, Scenario, proposal_path
from shared.knowledge.index import KnowledgeIndex
from shared.knowledge.read import read_files
from shared.ports import Put
from tests.unit.desk.ends import end_of
from tests.unit.learning.conftest import ASHA, DESK, TENANT
from tests.unit.learning.test_learn import QUESTION, TALK


async def _proposed(here, *talk, name="h1"):
    proposal = await propose(here.services, TENANT, await here.talked(*(talk or TALK), name=name))
    assert proposal is not None
    return proposal


async def test_an_approved_fix_is_published_and_the_desk_answers(here):
    """Approval makes the next version; what was asked then is answered from it."""
    proposal = await _proposed(here)

    done = await approve(here.services, TENANT, proposal.id, by=ASHA)

    assert (done.state, done.published, done.by_name) == ("approved", 2, "Asha")
    version = await here.services.versions.read(TENANT, DESK, 2)
    assert (version.origin, version.by) == ("learned", "Asha")
    running = await here.services.versions.published(DESK)
    assert running.version == 2
    index = await here.services.knowledge(running)
    assert "Bandra" in index.search(QUESTION)[0].text


async def test_an_approved_fix_is_written_into_the_files(here):
    """The answer is in a file of its own, which the desk's file names; its comments are kept."""
    before = here.file.read_text("utf-8")
    proposal = await _proposed(here)

    done = await approve(here.services, TENANT, proposal.id, by=ASHA)

    learned = here.file.parent / "knowledge" / "learned-krishna.md"
    assert f"## {QUESTION}" in learned.read_text("utf-8")
    after = here.file.read_text("utf-8")
    assert [line for line in after.splitlines() if line not in before.splitlines()] == [
        '    - "knowledge/learned-krishna.md"'
    ]
    assert done.written.endswith("holds it too.")
    results = await publish_folder(here.folder, here.services.versions, here.process.catalogue())
    assert {one.outcome for one in results} == {"unchanged"}


async def test_a_save_after_an_approved_fix_is_published(here):
    """A file that holds the fix is the author's again: what they save next runs."""
    await approve(here.services, TENANT, (await _proposed(here)).id, by=ASHA)
    catalogue = here.process.catalogue()
    await publish_folder(here.folder, here.services.versions, catalogue)
    here.file.write_text(here.file.read_text("utf-8").replace("name: Maya", "name: Mira"), "utf-8")

    results = await publish_folder(here.folder, here.services.versions, catalogue)

    outcomes = {one.desk: (one.outcome, one.version) for one in results}
    assert outcomes[DESK] == ("published", 3)
    running = await here.services.versions.published(DESK)
    assert "knowledge/learned-krishna.md" in running.knowledge


async def test_a_file_with_words_of_its_own_is_left_alone(here):
    """What an author has not published yet is not overwritten; it is said."""
    proposal = await _proposed(here)
    edited = here.file.read_text("utf-8") + "# half done\n"
    here.file.write_text(edited, "utf-8")

    done = await approve(here.services, TENANT, proposal.id, by=ASHA)

    assert done.state == "approved"
    assert "never published" in done.written
    assert here.file.read_text("utf-8") == edited


async def test_a_supervisor_may_put_it_better(here):
    """A changed fix is rehearsed anew; one that no longer passes is not published."""
    proposal = await _proposed(here)

    worse = await change_proposal(
        here.services,
        TENANT,
        proposal.id,
        fix=Fix(title=QUESTION, text="Dogs are not tested here."),
        scenario=Scenario(ask=QUESTION, expect=("a thousand rupees",)),
        by=ASHA,
    )

    assert worse.after is not None
    assert not worse.after.passed
    assert worse.after.lacking == ("a thousand rupees",)
    with pytest.raises(Permanent, match="still lacks a thousand rupees"):
        await approve(here.services, TENANT, proposal.id, by=ASHA)
    assert (await here.services.versions.published(DESK)).version == 1


async def test_a_rule_and_a_line_of_the_file_can_be_learned_too(here):
    """A guideline joins the agent's, a setting takes its place in the file."""
    rule = await _proposed(here)
    await change_proposal(
        here.services,
        TENANT,
        rule.id,
        fix=Fix(kind="guideline", text="Never promise a result by noon."),
        scenario=Scenario(ask="How much is a thyroid test?", expect=("₹",)),
        by=ASHA,
    )
    line = await _proposed(here, name="h2")
    await change_proposal(
        here.services,
        TENANT,
        line.id,
        fix=Fix(kind="setting", title="desk.phone", text='"+912255501234"'),
        scenario=Scenario(ask="How much is a thyroid test?", expect=("₹",)),
        by=ASHA,
    )

    assert (await approve(here.services, TENANT, rule.id, by=ASHA)).published == 2
    assert (await approve(here.services, TENANT, line.id, by=ASHA)).published == 3

    config = (await here.services.versions.published(DESK)).config
    assert config.agent.guidelines[-1] == "Never promise a result by noon."
    assert config.desk.phone == "+912255501234"
    assert '  phone: "+912255501234"\n' in here.file.read_text("utf-8")


@pytest.mark.parametrize(
    ("fix", "why"),
    [
        (Fix(title="Q", text=" "), "says nothing"),
        (Fix(title="", text="Yes."), "no question"),
        (Fix(kind="setting", title="no key!", text="1"), "is no key"),
        (Fix(kind="setting", title="behavior.max_rounds", text="many"), "whole number"),
        (Fix(kind="setting", title="desk.phone", text='"'), "is no YAML"),
    ],
)
async def test_a_fix_that_cannot_be_made_says_why(here, fix, why):
    """What is wrong with a fix is told where it is looked at, and it is not published."""
    proposal = await _proposed(here)

    told = await change_proposal(
        here.services, TENANT, proposal.id, fix=fix, scenario=proposal.scenario, by=ASHA
    )

    assert why in told.problems[0]
    with pytest.raises(Permanent, match=why):
        await approve(here.services, TENANT, proposal.id, by=ASHA)


async def test_a_fix_is_held_against_those_learned_before(here):
    """Each approved scenario is rehearsed again, and one that no longer passes is named."""
    first = await _proposed(here)
    await approve(here.services, TENANT, first.id, by=ASHA)
    second = await _proposed(here, name="h2")

    same = await change_proposal(
        here.services, TENANT, second.id, fix=second.fix, scenario=second.scenario, by=ASHA
    )
    assert (same.earlier, same.broken) == (1, ())
    contrary = Fix(title=QUESTION, text="Yes, dogs too, from Monday on.")
    broken = await change_proposal(
        here.services, TENANT, second.id, fix=contrary, scenario=Scenario(ask=QUESTION), by=ASHA
    )

    assert broken.broken == (first.id,)


async def test_of_two_decisions_the_first_counts(here):
    """A refused proposal is not approved after, and the second is told who decided."""
    proposal = await _proposed(here)

    await refuse(here.services, TENANT, proposal.id, by=ASHA, why="not for customers")

    with pytest.raises(Contested, match="refused by Asha already"):
        await approve(here.services, TENANT, proposal.id, by=ASHA)
    kept = await proposal_of(here.services, TENANT, proposal.id)
    assert (kept.state, kept.why) == ("refused", "not for customers")
    assert [one.id for one in (await proposals(here.services, TENANT, state="refused")).items] == [
        proposal.id
    ]


async def test_nobody_decides_otherwise_while_an_approval_is_published(here, monkeypatch):
    """It is claimed first: what is refused was not published, and what was published is approved."""
    proposal, drafts = await _proposed(here), type(here.services.drafts)
    publishes = drafts.publish_judged

    async def refused_first(*given, **more):
        with pytest.raises(Contested, match="right now"):
            await refuse(here.services, TENANT, proposal.id, by=ASHA)
        return await publishes(*given, **more)

    monkeypatch.setattr(drafts, "publish_judged", refused_first)
    first, second = await asyncio.gather(
        *(approve(here.services, TENANT, proposal.id, by=ASHA) for _ in range(2)), return_exceptions=True
    )

    assert 1 == sum(isinstance(one, Contested) for one in (first, second))
    kept = await proposal_of(here.services, TENANT, proposal.id)
    assert ("approved", 2) == (kept.state, (await here.services.versions.published(DESK)).version)


async def test_an_approval_that_could_not_be_published_is_undone(here, monkeypatch):
    """It can be decided again at once; one whose process died can be after some minutes."""
    proposal, drafts = await _proposed(here), type(here.services.drafts)
    with monkeypatch.context() as broken:

        async def fails(*_, **__):
            raise Transient("the store is busy")

        broken.setattr(drafts, "publish_judged", fails)
        with pytest.raises(Transient):
            await approve(here.services, TENANT, proposal.id, by=ASHA)

    path, died = proposal_path(proposal.id), stamp(here.services.ports.clock.now() - CLAIMED)
    document = await here.services.tenant(TENANT).get(path)
    assert ("proposed", "") == (document.data["state"], document.data["deciding"])
    await here.services.tenant(TENANT).commit([Put(path, {**document.data, "deciding": died})])
    assert "approved" == (await approve(here.services, TENANT, proposal.id, by=ASHA)).state


async def test_a_proposal_goes_with_the_words_it_was_made_of(here):
    """Changed or refused it keeps that end; approved it stays, without why a person was asked for."""
    kept, refused = await _proposed(here), await _proposed(here, name="h2")
    version = await here.services.versions.published(DESK)
    until = stamp(messages_until(version.config, instant(refused.created_at)))
    ends = [await end_of(here.process, one.id) for one in (kept, refused)]
    assert [stamp(messages_until(version.config, instant(kept.created_at))), until] == ends
    assert kept.reason

    approved = await approve(here.services, TENANT, kept.id, by=ASHA)
    fix, scenario = Fix(title=QUESTION, text="Yes, dogs too."), Scenario(ask=QUESTION)
    await change_proposal(here.services, TENANT, refused.id, fix=fix, scenario=scenario, by=ASHA)
    assert until == await end_of(here.process, refused.id)
    await refuse(here.services, TENANT, refused.id, by=ASHA)

    assert until == await end_of(here.process, refused.id)
    assert (None, "") == (await end_of(here.process, approved.id), approved.reason)


async def test_a_human_agent_decides_nothing(here):
    """What a desk learns is a supervisor's decision."""
    proposal = await _proposed(here)

    with pytest.raises(Permanent, match="supervisor decides"):
        await approve(here.services, TENANT, proposal.id, by=Actor(id="ben", name="Ben"))


async def test_a_rehearsal_does_nothing(here):
    """A tool that would act is noted as called; no ticket, no slot, no message comes of it."""
    running = await here.services.drafts.running(TENANT, DESK)
    stage = Stage(
        services=here.services,
        store=here.services.tenant(TENANT),
        config=running.config,
        knowledge=KnowledgeIndex(read_files(await here.services.drafts.knowledge(running))),
        version=1,
        account="rehearsal",
    )

    played = await rehearse(stage, Scenario(ask="My report is wrong, I complain!", tool="create_ticket"))
    asked = await rehearse(stage, Scenario(ask="I want to talk to a person", tool="hand_over"))

    assert played.tools == ("create_ticket",)
    assert played.lacking in ((), ("an answer without a person",))
    assert asked.handed_over
    for collection in ("tickets", "conversations", "effects"):
        assert await here.services.tenant(TENANT).count(collection) == 0


@pytest.mark.parametrize("condition", ["over_authority", "low_confidence_in_a_row >= `1`"])
async def test_a_rehearsal_calls_a_person_in_by_every_trigger_of_the_file(here, condition):
    """Also by what no signal alone tells: what the desk may do, and how sure its answers are."""
    running = await here.services.drafts.running(TENANT, DESK)
    own = running.config.behavior
    escalation = own.escalation.model_copy(update={"triggers": (EscalationTrigger(condition=condition),)})
    behavior = own.model_copy(update={"escalation": escalation})
    stage = Stage(
        services=here.services,
        store=here.services.tenant(TENANT),
        config=running.config.model_copy(update={"behavior": behavior}),
        knowledge=KnowledgeIndex(read_files({})),
        version=1,
        account="rehearsal",
    )

    played = await rehearse(stage, Scenario(ask="qwrtp zxcv, give me 50% discount"))

    assert played.handed_over
    assert "an answer without a person" in played.lacking
