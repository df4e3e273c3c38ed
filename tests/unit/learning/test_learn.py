"""What a person knew and the desk did not becomes a proposal, proved by the customer's own words."""

import pytest

from shared.desk.learn import learn_from_handover, propose
from shared.desk.proposals import proposals
from shared.domain.events import Happened
from tests.unit.learning.conftest import TENANT

QUESTION = "Do you test dogs?"
ANSWER = "We test people only; for animals please ask Bandra Pet Clinic, 022 5550 1234."
TALK = (
    ("customer", QUESTION),
    ("desk", "I do not know that. I have asked a colleague."),
    ("human", "Hello Ravi!"),
    ("human", ANSWER),
    ("customer", "thanks"),
)


async def test_a_resolved_handover_becomes_a_proposal_that_fails_before_and_passes_after(here):
    """The question is the customer's, the answer the person's; rehearsed, the fix is what makes it pass."""
    name = await here.talked(*TALK)

    proposal = await propose(here.services, TENANT, name)

    assert proposal is not None
    assert (proposal.fix.kind, proposal.fix.title, proposal.fix.text) == ("knowledge", QUESTION, ANSWER)
    assert proposal.scenario.ask == QUESTION
    assert proposal.scenario.expect
    assert proposal.before is not None
    assert not proposal.before.passed
    assert proposal.after is not None
    assert proposal.after.passed
    assert "Bandra Pet Clinic" in proposal.after.said
    assert proposal.state == "proposed"


async def test_what_the_colleague_says_should_have_been_known_counts_more(here):
    """The words of the resolve dialog are the answer, where there are some."""
    name = await here.talked(
        ("customer", QUESTION),
        ("human", "Let me write to you about it"),
        lesson="Only people, no dogs.",
    )

    proposal = await propose(here.services, TENANT, name)

    assert proposal is not None
    assert proposal.fix.text == "Only people, no dogs."


async def test_a_wish_for_a_person_is_no_question(here):
    """The question is the one before the customer asked for a person."""
    name = await here.talked(
        ("customer", QUESTION),
        ("desk", "I do not know that."),
        ("customer", "Please let me talk to a person"),
        ("human", ANSWER),
    )

    proposal = await propose(here.services, TENANT, name)

    assert proposal is not None
    assert proposal.fix.title == QUESTION


@pytest.mark.parametrize(
    "talk",
    [
        (("customer", QUESTION), ("desk", "A colleague comes.")),
        (("customer", QUESTION), ("human", "Good morning"), ("human", "Bye!")),
        (("customer", "I want to talk to a person"), ("human", "Here I am, what can I do for you today?")),
    ],
    ids=["nobody wrote", "courtesies alone", "no question"],
)
async def test_where_nothing_was_told_nothing_is_proposed(here, talk):
    """A conversation without a question and an answer to it teaches nothing."""
    name = await here.talked(*talk)

    assert await propose(here.services, TENANT, name) is None
    assert (await proposals(here.services, TENANT)).items == ()


async def test_what_is_known_of_the_customer_stays_out(here):
    """A customer's name and number are no knowledge of the business."""
    name = await here.talked(
        ("customer", QUESTION),
        ("human", "No Ravi Kumar, we test people only, as I told you on +919812345678."),
        customer={"name": "Ravi Kumar", "phone": "+919812345678"},
    )

    proposal = await propose(here.services, TENANT, name)

    assert proposal is not None
    assert "Ravi" not in proposal.fix.text
    assert "9812345678" not in str(proposal)


async def test_told_twice_it_proposes_once(here):
    """The fact of a resolved conversation may come again; there is one proposal of a handover."""
    name = await here.talked(*TALK)
    told = {"event_id": "e1", "tenant": TENANT, "at": "", "data": {"handover": name}}

    for _ in range(2):
        await learn_from_handover(here.services, Happened(what="conversation.resolved", **told))

    assert len((await proposals(here.services, TENANT, state="proposed")).items) == 1


async def test_other_facts_teach_nothing(here):
    """Only the end of a handover is looked at."""
    name = await here.talked(*TALK)
    told = {"event_id": "e1", "tenant": TENANT, "at": "", "data": {"handover": name}}

    await learn_from_handover(here.services, Happened(what="conversation.taken", **told))

    assert (await proposals(here.services, TENANT)).items == ()
