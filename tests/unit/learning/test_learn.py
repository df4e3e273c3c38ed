"""What a person knew and the desk did not becomes a proposal, proved by the customer's own words."""

import msgspec
import pytest

from shared.desk.commit import as_data
from shared.desk.learn import learn_from_handover, propose
from shared.desk.proposals import proposals
from shared.desk.resolve import resolve
from shared.domain.events import Happened
from shared.domain.handovers import handover_path
from shared.domain.instants import stamp
from shared.ports import Delete, Put, Query
from tests.unit.learning.conftest import ASHA, TENANT

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
    over = await here.talked(*TALK)

    proposal = await propose(here.services, TENANT, over)

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
    over = await here.talked(
        ("customer", QUESTION),
        ("human", "Let me write to you about it"),
        lesson="Only people, no dogs.",
    )

    proposal = await propose(here.services, TENANT, over)

    assert proposal is not None
    assert proposal.fix.text == "Only people, no dogs."


async def test_a_wish_for_a_person_is_no_question(here):
    """The question is the one before the customer asked for a person."""
    over = await here.talked(
        ("customer", QUESTION),
        ("desk", "I do not know that."),
        ("customer", "Please let me talk to a person"),
        ("human", ANSWER),
    )

    proposal = await propose(here.services, TENANT, over)

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
    over = await here.talked(*talk)

    assert await propose(here.services, TENANT, over) is None
    assert (await proposals(here.services, TENANT)).items == ()


async def test_what_is_known_of_the_customer_stays_out(here):
    """A customer's name and number are no knowledge of the business."""
    over = await here.talked(
        ("customer", QUESTION),
        ("human", "No Ravi Kumar, we test people only, as I told you on +919812345678."),
        customer={"name": "Ravi Kumar", "phone": "+919812345678"},
    )

    proposal = await propose(here.services, TENANT, over)

    assert proposal is not None
    assert "Ravi" not in proposal.fix.text
    assert "9812345678" not in str(proposal)


async def test_told_twice_it_proposes_once(here):
    """The fact of a resolved conversation may come again; there is one proposal of a handover."""
    over = await here.talked(*TALK)
    told = {"event_id": "e1", "tenant": TENANT, "at": "", "conversation": over.conversation}

    for _ in range(2):
        fact = Happened(what="conversation.resolved", data={"handover": over.id}, **told)
        await learn_from_handover(here.services, fact)

    assert len((await proposals(here.services, TENANT, state="proposed")).items) == 1


async def test_other_facts_teach_nothing(here):
    """Only the end of a handover is looked at."""
    over = await here.talked(*TALK)
    told = {"event_id": "e1", "tenant": TENANT, "at": "", "conversation": over.conversation}

    fact = Happened(what="conversation.taken", data={"handover": over.id}, **told)
    await learn_from_handover(here.services, fact)

    assert (await proposals(here.services, TENANT)).items == ()


@pytest.mark.parametrize("state", ["unanswered", "handed_back"])
async def test_words_of_a_person_nobody_had_asked_teach_too(here, state):
    """Who takes a conversation later, or unasked, and closes it has told something too; but nothing twice."""
    over = await here.talked(*TALK)
    ended = stamp(here.services.ports.clock.now())
    kept = msgspec.structs.replace(over, state=state, ended_at=ended)
    await here.services.tenant(TENANT).commit([Put(handover_path(over.id), as_data(kept))])
    fact = Happened(
        event_id="e1", tenant=TENANT, what="conversation.resolved", at=ended, conversation=over.conversation
    )

    await learn_from_handover(here.services, fact)

    found = (await proposals(here.services, TENANT)).items
    assert [one.fix.text for one in found] == ([ANSWER] if state == "unanswered" else [])


@pytest.mark.parametrize("talk", [TALK[:2], TALK[:3]], ids=["the desk alone", "a person too"])
async def test_a_lesson_is_learned_where_nobody_had_been_asked(here, talk):
    """Whoever resolves a conversation may say what the desk should have known, handover or not."""
    conversation = (await here.talked(*talk)).conversation
    store = here.services.tenant(TENANT)
    await store.commit([Delete(handover_path("h1"))])

    await resolve(here.services, TENANT, conversation, by=ASHA, lesson="Only people, no dogs.")
    sql = "SELECT body FROM jobs WHERE handler = 'learn_from_handover'"
    [(body,)] = await here.process.opened.databases[0].read(
        lambda connection: connection.execute(sql).fetchall()
    )
    for _ in range(2):
        await learn_from_handover(here.services, msgspec.json.decode(body, type=Happened))

    (learned,) = (await proposals(here.services, TENANT)).items
    assert (QUESTION, "Only people, no dogs.") == (learned.fix.title, learned.fix.text)
    (kept,) = (await store.query("handovers", Query())).documents
    assert ("resolved", ASHA.id) == (kept.data["state"], kept.data["ended_by"])


async def test_a_conversation_no_person_wrote_in_teaches_nothing(here):
    """The end of a conversation the desk had alone is no lesson."""
    over = await here.talked(("customer", QUESTION), ("desk", "I do not know that."))
    at = over.ended_at
    await here.services.tenant(TENANT).commit([Delete(handover_path(over.id))])
    told = {"event_id": "e1", "tenant": TENANT, "at": at, "conversation": over.conversation}

    await learn_from_handover(here.services, Happened(what="conversation.resolved", **told))
    await learn_from_handover(
        here.services, Happened(what="conversation.resolved", **{**told, "conversation": "unknown"})
    )

    assert (await proposals(here.services, TENANT)).items == ()
