"""What a run says reaches its customer: where they are, by another way, at an hour, or not at all."""

import msgspec
import pytest

from shared.desk.commit import as_data, head_path
from shared.desk.hand_back import hand_back
from shared.desk.outreach.reach import reach_out
from shared.desk.runs.advance import advance_run
from shared.desk.runs.control import cancel, pause
from shared.desk.take import take
from shared.domain.colleagues import Actor
from shared.domain.conversation import Head
from shared.domain.events import RunDue
from shared.domain.outreach import Outreach
from shared.domain.runs import Run
from shared.ports import Create
from tests.unit.outreach.conftest import ASHA, Speaking, front
from tests.unit.runs.flow import Flow
from tests.unit.runs.told import told

__all__ = ["front"]
REMIND = {
    "id": "remind",
    "send": {
        "text": "See you on {{ input.day }}!",
        "template": "reminder",
        "parameters": ["{{ input.day }}"],
        "until": "input.until",
    },
}
OWNER = Actor(id="arun", name="Arun", role="owner")
GIVEN = {"day": "Monday", "until": "2026-11-23T09:00"}


@pytest.fixture
def flow(front: Speaking) -> Flow:
    """Workflows on a desk whose customers write by WhatsApp; it is 23:50 in Kolkata."""
    return Flow(front)


async def said(flow: Flow) -> list[str]:
    """What the desk said in the conversation."""
    return [one.content.text for one in await flow.front.messages() if one.author == "desk"]


async def outreaches(flow: Flow) -> list[Outreach]:
    """Every outreach, after those that are due were tried."""
    for one in sorted(await flow.front.documents("outreach"), key=lambda one: one["due"]):
        await reach_out(flow.services, "acme", one["id"])
    return [msgspec.convert(one, Outreach) for one in await flow.front.documents("outreach")]


async def test_who_wrote_a_moment_ago_is_told_there_with_the_runs_own_commit(flow):
    """Free words stand in the conversation at once, and no template goes with them."""
    await flow.front.wrote()
    await flow.publish(flow=[REMIND])
    run = await flow.go(conversation=flow.front.conversation, input=GIVEN)
    (*_, message) = await flow.front.messages()

    assert ("completed", "See you on Monday!") == (run.status, message.content.text)
    assert message.outgoing.template is None
    assert [] == await outreaches(flow)


async def test_after_the_window_its_template_goes_when_they_are_awake(flow):
    """At night it waits for the morning, and then goes as the approved template, once."""
    await flow.front.wrote()
    await flow.publish(flow=[REMIND])
    flow.front.clock.move(hours=30)  # 05:50 in the morning
    await flow.go(conversation=flow.front.conversation, input=GIVEN)
    (waits,) = await outreaches(flow)
    flow.front.clock.move(hours=4)
    (sent,) = await outreaches(flow)

    assert ("waiting", "2026-11-22T03:30:00.000000Z") == (waits.state, waits.due)
    assert ("sent", "template") == (sent.state, sent.means)
    assert ["You are with us on Monday."] == await said(flow)


async def test_what_is_not_worth_saying_any_more_is_not_said(flow):
    """A reminder that would have to wait until after what it reminds of is given up, and says why."""
    await flow.front.wrote()
    await flow.publish(flow=[REMIND])
    flow.front.clock.move(hours=30)
    await flow.go(conversation=flow.front.conversation, input={**GIVEN, "until": "2026-11-22T08:00"})
    (given_up,) = await outreaches(flow)

    assert "refused" == given_up.state
    assert "too late" in given_up.reason
    assert [] == await said(flow)


async def test_while_a_colleague_has_them_it_waits(flow):
    """A reminder is not lost because somebody has the conversation: it comes once they gave it back."""
    await flow.front.wrote()
    await flow.publish(flow=[REMIND])
    flow.front.clock.move(hours=12)
    await take(flow.services, "acme", flow.front.conversation, by=OWNER)
    await flow.go(conversation=flow.front.conversation, input=GIVEN)
    (waits,) = await outreaches(flow)
    await hand_back(flow.services, "acme", flow.front.conversation, by=OWNER)
    flow.front.clock.move(hours=2)
    (sent,) = await outreaches(flow)

    assert ("waiting", "a colleague has the conversation", "sent") == (waits.state, waits.reason, sent.state)


async def test_who_writes_of_late_hears_it_once_a_colleague_gave_them_back(flow):
    """On a channel that reaches them later it waits like all that a desk says of its own accord."""
    await flow.front.wrote()
    await flow.publish(flow=[{"id": "code", "send": "Your code is 1234."}])
    await take(flow.services, "acme", flow.front.conversation, by=OWNER)
    await flow.go(conversation=flow.front.conversation)
    (waits,) = await outreaches(flow)
    await hand_back(flow.services, "acme", flow.front.conversation, by=OWNER)
    flow.front.clock.move(hours=10)
    (sent,) = await outreaches(flow)

    assert ("waiting", "sent") == (waits.state, sent.state)


async def test_a_cancelled_run_says_nothing_any_more(flow):
    """What waits for the morning is dropped with its run."""
    await flow.front.wrote()
    await flow.publish(flow=[REMIND, {"id": "sleep", "wait": {"for": "9d"}}])
    flow.front.clock.move(hours=30)
    run = await flow.go(conversation=flow.front.conversation, input=GIVEN)
    await cancel(flow.services, "acme", run.id)
    flow.front.clock.move(hours=4)
    (dropped,) = await outreaches(flow)

    assert ("cancelled", "the run of flow was cancelled") == (dropped.state, dropped.reason)
    assert [] == await said(flow)


async def test_a_customer_without_a_conversation_of_the_runs_is_reached(flow):
    """A run that knows its customer alone speaks where they are found; several words keep their order."""
    customer = await flow.front.wrote()
    second = {"id": "second", "send": "And bring your card."}
    await flow.publish(flow=[REMIND, second])
    await flow.go(customer=customer, input=GIVEN)
    flow.front.clock.move(seconds=2)
    await outreaches(flow)

    assert ["See you on Monday!", "And bring your card."] == await said(flow)


async def test_what_was_booked_on_a_call_is_written_where_they_write(flow):
    """A run begun by a telephone call says nothing into the call: its customer reads it on WhatsApp."""
    customer = await flow.front.wrote()
    call = Head(desk="front", channel="phone", account="+15550001111", contact=f"+{ASHA}", customer=customer)
    await flow.front.store.commit([Create(head_path("call"), as_data(call))])
    await flow.publish(flow=[REMIND])
    run = await flow.go(conversation="call", input=GIVEN)
    (sent,) = await outreaches(flow)

    assert ("completed", "sent", "whatsapp") == (run.status, sent.state, sent.channel)
    assert ["See you on Monday!"] == await said(flow)


async def test_nobody_to_say_it_to_fails_the_step_with_the_fix(flow):
    """A run with neither conversation nor customer says so."""
    await flow.publish(flow=[REMIND])
    run = await flow.go(input=GIVEN)

    assert "failed" == run.status
    assert "conversation or a customer" in run.error


async def test_a_word_a_run_waits_for_alone_is_the_runs_and_all_else_the_desks(flow):
    """The words end the wait whatever their case, and the desk does not answer them; others it does."""
    wait = {"reply": True, "alone": True, "words": ["yes", "I will come"], "timeout": "1d"}
    answer = {"id": "thanks", "send": "See you then."}
    await flow.front.wrote()
    await flow.publish(flow=[{"id": "coming", "wait": wait}, answer])
    run = await flow.go(conversation=flow.front.conversation)
    before = (await flow.front.head()).pending
    await flow.front.wrote("What does it cost?")
    asked = (await flow.front.head()).pending
    still = await flow.advance(run.id, seq=asked)
    await flow.front.wrote("Yes.")
    head = await flow.front.head()
    over = await flow.advance(run.id, seq=head.last)

    assert before < asked == head.pending < head.last
    assert ("waiting", "completed") == (still.status, over.status)
    assert "Yes." == over.outputs["coming"]["text"]
    assert ["See you then."] == await said(flow)


TWO = [
    {"id": "first", "send": "Shall I book it?"},
    {"id": "booked", "wait": {"reply": True, "alone": True, "timeout": "1d"}},
    {"id": "second", "send": "Shall I take 500 from your card?"},
    {"id": "paid", "wait": {"reply": True, "alone": True, "timeout": "1d"}},
    {"id": "both", "set": {"booked": "booked.text", "paid": "paid.text"}},
]


async def hears(flow: Flow, run: str) -> Run:
    """The run after the newest message was told to it."""
    *_, fact = [one for one in await told(flow, RunDue) if one.seq]
    await advance_run(flow.services, fact)
    return await flow.run(run)


async def pending(flow: Flow) -> list[int]:
    """The messages that the desk is still to answer, by the newest."""
    head = await flow.front.head()
    return [head.pending] if head.answered < head.pending else []


async def test_one_message_answers_one_question(flow):
    """Told again, a message that ended a wait ends no other; the next question waits for its own answer."""
    await flow.front.wrote()
    await flow.publish(flow=TWO)
    run = await flow.go(conversation=flow.front.conversation)
    await flow.front.wrote("Yes")
    first, again = [await hears(flow, run.id) for _ in "ab"]
    await flow.front.wrote("No")
    over = await hears(flow, run.id)

    assert ["paid"] == [one.node for one in first.waits] == [one.node for one in again.waits]
    assert {"booked": "Yes", "paid": "No"} == over.outputs["both"]


async def test_what_was_written_before_a_question_is_no_answer_to_it(flow):
    """A message whose question ran out before it was told to the run is the desk's to answer."""
    await flow.front.wrote()
    await flow.front.turn()
    await flow.publish(flow=TWO)
    run = await flow.go(conversation=flow.front.conversation)
    flow.front.clock.move(hours=23, minutes=59, seconds=59)
    await flow.front.wrote("Yes")
    seq = (await flow.front.head()).last
    left = await pending(flow)
    await flow.wait_out(run.id)
    asks = await hears(flow, run.id)

    assert ["paid"] == [one.node for one in asks.waits]
    assert ([], [seq]) == (left, await pending(flow))


async def test_a_message_that_no_run_takes_is_answered_by_the_desk(flow):
    """It came as the last wait ran out: the run, which is over, leaves it to the desk, once."""
    await flow.front.wrote()
    await flow.front.turn()
    await flow.publish(flow=TWO[1:2])
    run = await flow.go(conversation=flow.front.conversation)
    flow.front.clock.move(hours=23, minutes=59, seconds=59)
    await flow.front.wrote("Friday please")
    await flow.wait_out(run.id)
    over = await hears(flow, run.id)
    left = await pending(flow)
    await flow.front.turn()
    await hears(flow, run.id)
    *_, question, answer = await flow.front.messages()

    assert ("completed", True) == (over.status, over.outputs["booked"]["timed_out"])
    assert (("Friday please", "customer"), "desk") == (
        (question.content.text, question.author),
        answer.author,
    )
    assert ([question.seq], []) == (left, await pending(flow))


@pytest.mark.parametrize("stop", [pause, cancel])
async def test_a_run_that_was_stopped_takes_no_message_from_the_desk(flow, stop):
    """Asked to pause or to end, at once and ever after: what the customer writes is answered."""
    await flow.front.wrote()
    await flow.front.turn()
    await flow.publish(flow=TWO)
    run = await flow.go(conversation=flow.front.conversation)
    await flow.front.wrote("Friday please")
    await stop(flow.services, "acme", run.id)
    stopped = await hears(flow, run.id)
    first = await pending(flow)
    await flow.front.turn()
    await flow.front.wrote("Is anybody there?")
    second = await pending(flow)

    assert {pause: "paused", cancel: "cancelled"}[stop] == stopped.status
    assert [1, 1] == [len(first), len(second)]
    assert first < second


async def test_a_second_message_beside_the_answer_is_the_desks(flow):
    """A run takes one message for its question; what follows before it has gone on is answered."""
    await flow.front.wrote()
    await flow.front.turn()
    await flow.publish(flow=[TWO[1], {"id": "sleep", "wait": {"for": "9d"}}])
    run = await flow.go(conversation=flow.front.conversation)
    await flow.front.wrote("Friday please")
    await flow.front.wrote("And what does it cost?")
    second = (await flow.front.head()).last
    facts = [one for one in await told(flow, RunDue) if one.seq]
    for fact in facts:
        await advance_run(flow.services, fact)

    assert "Friday please" == (await flow.outputs(run.id))["booked"]["text"]
    assert [second] == await pending(flow)


async def test_while_a_colleague_has_the_conversation_no_run_takes_a_message_from_them(flow):
    """They are told that the customer wrote, as of any message; the run hears it too."""
    await flow.front.wrote()
    await flow.front.turn()
    await flow.publish(flow=TWO)
    run = await flow.go(conversation=flow.front.conversation)
    await take(flow.services, "acme", flow.front.conversation, by=OWNER)
    await flow.front.wrote("Friday please")
    head = await flow.front.head()
    hears_too = await hears(flow, run.id)

    assert (head.last, True) == (head.pending, bool(head.first_waiting))
    assert ["paid"] == [one.node for one in hears_too.waits]


async def test_words_for_somebody_nobody_knows_fail_their_step_with_the_fix(flow):
    """The run fails where it stands, not aside of everybody: what was done before is undone."""
    undo = {"tool": "create_ticket", "arguments": {"subject": "undone", "description": "d"}}
    await flow.front.publish(tools={"create_ticket": {}})
    await flow.front.wrote()
    flow.front.clock.move(hours=30)
    await flow.publish(flow=[{"id": "did", "set": {"n": "`1`"}, "compensate": undo}, REMIND])
    for given in ({"customer": "nobody"}, {"customer": "nobody", "conversation": flow.front.conversation}):
        run = await flow.go(input=GIVEN, **given)

        assert "failed" == run.status
        assert "remind: step remind has nobody to say it to" in run.error
        assert "start the run with" in run.error
    assert ["undone"] * 2 == [one["subject"] for one in await flow.front.documents("tickets")]
