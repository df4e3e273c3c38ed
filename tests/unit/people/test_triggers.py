"""When a person is called in: every trigger of a desk's file, by what truly happens in the talk."""

import pytest

from shared.desk.hand_back import hand_back
from shared.desk.resolve import resolve
from shared.desk.route_handover import route_handover
from shared.desk.signs import UNSURE, unsure_in_a_row
from shared.desk.take import take
from shared.domain.conversation import Head
from shared.domain.errors import Transient
from shared.domain.signals import Signals
from shared.models.budget import BudgetEnded
from shared.tools import create_ticket
from shared.tools.shape import ToolResult
from tests.unit.people.conftest import MEERA, PRIYA


async def wanting(office, condition, **more):
    """A desk that calls a person in where the condition holds, of its own kind and priority."""
    trigger = {"condition": condition, "type": "doctor", "priority": "high"}
    escalation = {
        "triggers": [trigger],
        "handoff": [{"type": "doctor", "departments": ["medical"], "specialization": ["dentist"]}],
    }
    await office.publish(behavior={"escalation": escalation}, **more)


async def handed_over(office, *words):
    for one in words:
        await office.customer_writes(one)
        await office.desk_answers()
    return (await office.head()).state == "handover"


@pytest.mark.parametrize(
    "words", ["let me talk to a human", "mujhe manager se baat karni hai", "मुझे किसी इंसान से बात करनी है"]
)
async def test_a_person_is_asked_for_in_the_customers_language(office, words):
    """The handover has the kind's skills and priority, the reason in words, and what the customer wrote."""
    await wanting(office, "wants_human")

    assert await handed_over(office, words)
    (kept,) = await office.handovers()
    assert (kept.type, kept.priority, kept.departments) == ("doctor", "high", ("medical",))
    assert kept.specialization == ("dentist",)
    assert (kept.reason, kept.summary) == ("the customer asked for a person", words)


async def test_anger_that_goes_on_calls_a_person_in(office):
    """Not the first angry word, but so many running; a better one begins the count anew."""
    await wanting(office, "negative_in_a_row >= `2`")

    assert not await handed_over(
        office, "this is terrible and useless!!", "thanks, great", "you are useless!!"
    )
    assert await handed_over(office, "terrible, pathetic service!!")


async def test_a_hard_request_calls_a_person_in(office):
    """Where its complexity passes the desk's own mark."""
    await wanting(office, "complexity > `0.8`")

    assert not await handed_over(office, "when are you open?")
    assert await handed_over(office, "I have chest pain and cannot breathe")


@pytest.mark.parametrize(
    ("authority", "words", "over"),
    [
        (0.15, "can I get 10% off?", False),
        (0.15, "give me 20% discount", True),
        (0.15, "give me a discount please", False),
        (None, "give me a discount please", True),
        (None, "do you have any discounts?", False),
        (None, "mujhe 10% discount chahiye", True),
        (None, "मुझे छूट दीजिए", True),
    ],
)
async def test_a_price_below_the_desks_authority_is_a_persons_matter(office, authority, words, over):
    """The file says how much the desk may let off; a desk of which it says nothing may let off nothing."""
    tools = {"hand_over": {}}
    if authority:
        tools["check_pricing"] = {"settings": {"discount_authority": authority}}
    await wanting(office, "over_authority", tools=tools)

    assert over == await handed_over(office, words)


async def test_answers_without_evidence_running_call_a_person_in(office):
    """Unsure once is no reason; unsure again and again is."""
    await wanting(office, "low_confidence_in_a_row >= `2`")

    assert not await handed_over(office, "qwrtp zxcv")
    assert await handed_over(office, "blorb frindle snarg")


def test_an_answer_nobody_can_judge_counts_neither_way():
    """What has no confidence leaves the count as it was."""
    head = Head(desk="d", channel="webchat", account="a", contact="c", customer="k", unsure_in_a_row=2)

    assert 2 == unsure_in_a_row(head, Signals())
    assert 3 == unsure_in_a_row(head, Signals(confidence=UNSURE - 0.1))
    assert 0 == unsure_in_a_row(head, Signals(confidence=UNSURE))


async def test_a_turn_that_failed_again_and_again_asks_for_a_person(office, monkeypatch):
    """After its tries the customer reads an honest word, and the handover says what broke."""

    async def breaks(*_):
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr("shared.desk.take_turn.think", breaks)
    await office.customer_writes("hello")
    for _ in range(4):
        await office.desk_answers()

    assert "handover" == (await office.head()).state
    (kept,) = await office.handovers()
    assert (kept.type, kept.priority) == ("desk_failure", "high")
    assert "Sorry" in (await office.messages())[-1].content.text


async def test_the_end_of_the_budget_asks_for_a_person_and_is_no_failure(office, monkeypatch):
    """The customer is told that a colleague comes; people are told which limit was reached."""

    async def ends(*_):
        raise BudgetEnded("day", 100.0, 100.0)

    monkeypatch.setattr("shared.desk.take_turn.think", ends)
    await office.customer_writes("hello")
    await office.desk_answers()

    (kept,) = await office.handovers()
    assert (kept.type, "budgets.day" in kept.reason) == ("human_agent", True)
    said = (await office.messages())[-1].content.text
    assert "colleague" in said
    assert "Sorry" not in said


async def test_an_agents_own_decision_hands_over(office):
    """The tool, whatever the triggers are."""
    await wanting(office, "complexity > `0.99`")

    assert await handed_over(office, "are you useless? get me your manager now")


COMPLAINTS = (
    "I want to make a complaint",
    "my order arrived damaged and nobody answers the phone",
    "I want to make a complaint, I was charged twice for it",
)


async def troubled(office, monkeypatch, run):
    """A desk with a tool that behaves as told, which calls a person in after two failures."""
    monkeypatch.setattr(create_ticket, "run", run)
    await wanting(office, "tool_errors_in_a_row >= `2`", tools={"hand_over": {}, "create_ticket": {}})


async def out_of_reach(_arguments, _context):
    raise Transient("the system of tickets does not answer")


async def refuses(_arguments, _context):
    return ToolResult(data={}, error="subject: this stands under another number already; tell them that")


@pytest.mark.parametrize("comes", [True, False])
async def test_a_tool_that_failed_before_people_came_calls_nobody_in_again(office, monkeypatch, comes):
    """Once it is handed back, or nobody came, the desk answers what else the customer asks."""
    await troubled(office, monkeypatch, out_of_reach)
    assert await handed_over(office, *COMPLAINTS)
    if comes:
        await take(*office.place, by=PRIYA)
        await hand_back(*office.place, by=PRIYA)
    else:
        (asked,) = await office.handovers()
        await route_handover(office.services, office.tenant, asked.id)
        assert "back_to_ai" == (await office.head()).state

    assert not await handed_over(office, "when are you open?")
    assert "finished" == (await office.head()).state


async def test_what_a_tool_refuses_is_no_failure_of_it(office, monkeypatch):
    """A slot that is taken, or an hour at which nobody is there, is for the desk to mend in the talk."""
    await troubled(office, monkeypatch, refuses)

    assert not await handed_over(office, *COMPLAINTS, *COMPLAINTS)


async def test_messages_are_counted_anew_once_a_conversation_was_resolved(office):
    """The customer's own alone, not the desk's, and those of this episode."""
    await wanting(office, "messages >= `3`")
    assert not await handed_over(office, "when are you open?", "and on Sunday?")
    await resolve(*office.place, by=MEERA)

    assert not await handed_over(office, "when are you open?", "and on Sunday?")
    assert await handed_over(office, "where are you?")
