"""What people leave behind: the desk reads it before it answers, and keeps what they promised."""

from datetime import UTC, datetime

import pytest

from shared.desk.hand_back import hand_back
from shared.desk.people_memory import cared, memory_path
from shared.desk.propose_summary import Proposal, propose
from shared.desk.question import ask
from shared.desk.speak import speak
from shared.desk.take import take
from shared.models.hand_back import hand_back_request, read_hand_back
from shared.models.offline.model import OfflineModel
from tests.unit.people.conftest import FILE, PRIYA

PROMISE = "Your refund will be paid by Friday."


@pytest.fixture
async def handed_back(office):
    """A conversation that Priya looked after and gave back."""
    await office.queued()
    await speak(*office.place, text=f"I am sorry. {PROMISE}", client_id="1", by=PRIYA)
    await hand_back(*office.place, by=PRIYA, summary="Wrong bill; refund agreed.", promises=[PROMISE])
    return office


async def test_summary_and_promises_stand_in_the_prompt_of_the_next_turn(handed_back):
    """Who looked after it, what they did and what they promised; a model is told to go on from it."""
    office = handed_back
    await office.customer_writes("hello again")
    head = await office.head()
    published = await office.services.versions.published(head.desk)

    question = await ask(
        office.services, office.store, office.conversation, head=head, published=published, upto=head.pending
    )

    assert "Priya looked after this. Wrong bill; refund agreed." in question.request.system
    assert f"They promised the customer: {PROMISE}" in question.request.system
    assert question.request.briefing.promises == (PROMISE,)


async def test_what_people_left_is_dated_by_the_desks_own_clock(office):
    """Just after midnight there it is still yesterday in Greenwich; "on Friday" must not slip by a day."""
    await office.publish(desk={**FILE["desk"], "timezone": "Asia/Kolkata"})
    office.clock.at = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)
    await office.customer_writes("hello")
    await take(*office.place, by=PRIYA)
    await hand_back(*office.place, by=PRIYA, summary="Wrong bill.", promises=["I call you tomorrow."])
    head = await office.head()
    published = await office.services.versions.published(head.desk)

    question = await ask(
        office.services, office.store, office.conversation, head=head, published=published, upto=head.pending
    )

    assert "On 2026-11-21 Priya looked after this." in question.request.system


@pytest.mark.parametrize(
    "asked",
    ["what did your colleague promise me?", "when do I get my refund?", "kya kaha tha aapke saathi ne"],
)
async def test_the_desk_answers_from_what_was_promised(handed_back, asked):
    """Also without a language model, and in the customer's own way of asking."""
    await handed_back.customer_writes(asked)
    await handed_back.desk_answers()

    assert "refund will be paid by Friday" in (await handed_back.messages())[-1].content.text


async def test_newer_care_joins_what_was_left_before(handed_back):
    """Promises of earlier times are kept beside the new ones; who said nothing leaves nothing."""
    office = handed_back
    office.clock.pass_(60)
    await speak(*office.place, text="One more thing.", client_id="again", by=PRIYA)
    await hand_back(*office.place, by=PRIYA, promises=["A call on Monday."])
    office.clock.pass_(60)
    await take(*office.place, by=PRIYA)
    await hand_back(*office.place, by=PRIYA)

    left = cared(await office.store.get(memory_path(office.conversation)))
    assert [one.promises for one in left] == [(PROMISE,), ("A call on Monday.",)]


@pytest.mark.parametrize("left", [{}, {"summary": " "}])
async def test_who_hands_back_without_a_word_leaves_what_was_said(office, left):
    """From the console, the API or the command line: the desk reads what people said and promised."""
    await office.queued()
    await speak(*office.place, text="Good day. I will call you on Monday.", client_id="1", by=PRIYA)

    await hand_back(*office.place, by=PRIYA, **left)

    (care,) = cared(await office.store.get(memory_path(office.conversation)))
    assert ("Priya", ("I will call you on Monday.",)) == (care.name, care.promises)
    assert "Good day." in care.summary


async def test_a_proposal_says_what_was_said_and_promised(office):
    """In order and shortened; what our people say they will do is a promise, what customers say is none."""
    await office.queued()
    assert Proposal() == await propose(*office.place)
    await speak(*office.place, text="Good day. I will call you on Monday.", client_id="1", by=PRIYA)
    await office.customer_writes("fine, we will be there")

    proposed = await propose(*office.place)

    assert proposed.promises == ("I will call you on Monday.",)
    assert proposed.summary.endswith(
        "Colleague: Good day. I will call you on Monday. | Customer: fine, we will be there"
    )


async def test_a_model_answers_the_question_for_a_hand_back_by_its_schema():
    """Whatever else it writes is left out."""
    answer = await OfflineModel().answer(hand_back_request("Customer: hi\nColleague: We'll send it today."))

    assert read_hand_back(answer) == (
        "Customer: hi | Colleague: We'll send it today.",
        ("We'll send it today.",),
    )
