"""A customer's reply wakes the run that waits for it, in whatever conversation and channel they write it."""

from typing import Any

import pytest

from shared.desk.runs.advance import advance_run
from shared.desk.runs.control import pause
from shared.desk.runs.in_flight import apply
from shared.desk.runs.start import definition_of
from shared.desk.take import take
from shared.domain.colleagues import Actor
from shared.domain.events import RunDue, Sender
from shared.domain.runs import Run
from tests.unit.outreach.conftest import ASHA, Speaking, front
from tests.unit.runs.flow import Flow
from tests.unit.runs.told import told

__all__ = ["front"]
OWNER = Actor(id="arun", name="Arun", role="owner")
ASK = {"id": "ask", "send": {"text": "Will you come?", "template": "reminder", "parameters": ["Monday"]}}
COMING = {"id": "coming", "wait": {"reply": True, "words": ["I will come"], "timeout": "2d"}}
ANY = {"id": "coming", "wait": {"reply": True, "timeout": "2d"}}


@pytest.fixture
async def flow(front: Speaking) -> Flow:
    """Asha wrote on the web page and on WhatsApp, some hours ago; it is morning in Kolkata."""
    flow = Flow(front)
    await on_the_page(flow, "hello")
    await front.wrote()
    front.clock.move(hours=11)
    return flow


def web(flow: Flow) -> None:
    flow.front.on("webchat", "front")
    flow.front.customer = "visitor7"


async def on_the_page(flow: Flow, text: str) -> None:
    """Asha writes on the business's page, where she is signed in with the number that WhatsApp proves."""
    web(flow)
    await flow.front.say(text, sender=Sender(id="visitor7", phone=f"+{ASHA}"))


async def of_whatsapp(flow: Flow, nodes: list[dict[str, Any]], **wanted: Any) -> Run:
    """A run of her conversation on WhatsApp that waits for her reply."""
    flow.front.on("whatsapp", "1001")
    flow.front.customer = ASHA
    await flow.publish(flow=nodes)
    flow.front.clock.move(seconds=5)
    return await flow.go(conversation=flow.front.conversation, **wanted)


async def hears(flow: Flow, *runs: Run) -> list[Run]:
    """The runs after every message so far was told to whom it may concern."""
    for fact in await told(flow, RunDue):
        if fact.seq:
            await advance_run(flow.services, fact)
    return [await flow.run(run.id) for run in runs]


async def test_what_is_asked_on_whatsapp_may_be_answered_on_the_web_page(flow):
    """One customer, two conversations: the words that the run waits for end its wait, once."""
    run = await of_whatsapp(flow, [COMING])
    await on_the_page(flow, "I will come")
    (over,) = await hears(flow, run)
    (again,) = await hears(flow, run)

    assert ("completed", "I will come") == (over.status, over.outputs["coming"]["text"])
    assert flow.front.conversation == over.outputs["coming"]["conversation"]
    assert over == again


async def test_the_page_is_answered_there_as_well(flow):
    """A run that did not ask there says nothing there, so the desk never leaves such words to it alone."""
    run = await of_whatsapp(flow, [COMING | {"wait": COMING["wait"] | {"alone": True}}])
    await on_the_page(flow, "I will come")
    (over,) = await hears(flow, run)
    head = await flow.front.head()

    assert ("completed", head.last) == (over.status, head.pending)


async def test_a_run_that_takes_any_words_hears_its_own_conversation_alone(flow):
    """A question of the page is none of its business, unless its wait says `anywhere`."""
    run = await of_whatsapp(flow, [ANY])
    wide = await of_whatsapp(flow, [{"id": "coming", "wait": ANY["wait"] | {"anywhere": True}}])
    await on_the_page(flow, "Do you sell cakes?")
    run, wide = await hears(flow, run, wide)

    assert ("waiting", "completed") == (run.status, wide.status)


async def test_named_words_are_heard_in_their_own_conversation_alone_where_the_wait_says_so(flow):
    """`anywhere: false` keeps a run to the conversation it asked in."""
    run = await of_whatsapp(flow, [COMING | {"wait": COMING["wait"] | {"anywhere": False}}])
    await on_the_page(flow, "I will come")

    assert ["waiting"] == [one.status for one in await hears(flow, run)]


async def test_words_to_what_was_said_there_since_answer_that(flow):
    """After the desk has spoken on the page, her yes is to the desk."""
    run = await of_whatsapp(flow, [COMING])
    await on_the_page(flow, "When is my visit?")
    await flow.front.turn()
    assert "customer" != (await flow.front.messages())[-1].author
    await on_the_page(flow, "I will come")

    assert ["waiting"] == [one.status for one in await hears(flow, run)]


async def test_a_run_hears_any_words_where_it_asked(flow):
    """Begun on the page, it asks her on WhatsApp; whatever she writes there is its answer alone."""
    web(flow)
    conversation = flow.front.conversation
    await flow.publish(flow=[ASK, ANY | {"wait": ANY["wait"] | {"alone": True}}])
    run = await flow.go(conversation=conversation)
    flow.front.clock.move(seconds=5)
    await flow.front.rings()
    flow.front.on("whatsapp", "1001")
    flow.front.customer = ASHA
    (asked,) = [one for one in await flow.front.messages() if one.outreach]
    before = (await flow.front.head()).pending
    await flow.front.wrote("Yes, with my mother")
    (over,) = await hears(flow, run)

    assert "Will you come?" == asked.content.text
    assert ("completed", "Yes, with my mother") == (over.status, over.outputs["coming"]["text"])
    assert before == (await flow.front.head()).pending


async def test_a_run_without_a_conversation_hears_its_customer(flow):
    """Known by its customer alone, it asked where she is found, and hears her there."""
    flow.front.on("whatsapp", "1001")
    flow.front.customer = ASHA
    customer = (await flow.front.head()).customer
    await flow.publish(flow=[COMING])
    run = await flow.go(customer=customer)
    await on_the_page(flow, "I will come")

    assert ["completed"] == [one.status for one in await hears(flow, run)]


async def test_one_run_takes_a_reply_and_the_conversations_own_goes_first(flow):
    """Of runs elsewhere the one that asked last; none of them where the conversation's own takes it."""
    first = await of_whatsapp(flow, [COMING])
    flow.front.clock.move(minutes=1)
    second = await of_whatsapp(flow, [COMING])
    web(flow)
    own = await flow.go(conversation=flow.front.conversation)
    states = []
    for _ in range(3):
        await on_the_page(flow, "I will come")
        states.append([one.status for one in await hears(flow, own, second, first)])

    assert [
        ["completed", "waiting", "waiting"],
        ["completed", "completed", "waiting"],
        ["completed", "completed", "completed"],
    ] == states


async def test_one_reply_in_each_conversation_is_one_answer(flow):
    """Whichever is heard first ends the wait; the other is the desk's to answer."""
    both = [COMING | {"wait": COMING["wait"] | {"alone": True}}, {"id": "end", "wait": {"for": "1h"}}]
    run = await of_whatsapp(flow, both)
    await on_the_page(flow, "I will come")
    await flow.front.wrote("I will come")
    (run,) = await hears(flow, run)
    head = await flow.front.head()

    assert ["end"] == [one.node for one in run.waits]
    assert head.last == head.pending


async def test_nobody_elses_words_wake_it(flow):
    """Another customer's page, and the desk's colleague in her own, are not her reply."""
    run = await of_whatsapp(flow, [COMING])
    web(flow)
    await flow.front.say("I will come", sender=Sender(id="visitor8"))
    await take(flow.services, "acme", flow.front.conversation, by=OWNER)
    await on_the_page(flow, "I will come")

    assert ["waiting"] == [one.status for one in await hears(flow, run)]


async def test_a_run_that_is_paused_leaves_her_words_to_the_desk(flow):
    """It hears nothing from elsewhere until it is resumed."""
    run = await of_whatsapp(flow, [COMING])
    await pause(flow.services, "acme", run.id)
    await flow.advance(run.id)
    await on_the_page(flow, "I will come")

    assert [("paused", ())] == [(one.status, one.inbox) for one in await hears(flow, run)]


async def test_a_run_that_was_moved_to_where_it_waits_for_nobody_is_not_looked_at(flow):
    """Whatever takes the wait away, the customer's record does not go on naming the run."""
    run = await of_whatsapp(flow, [COMING])
    await flow.publish(flow=[COMING | {"wait": {"for": "9d"}, "id": "nap"}])
    flow.front.clock.move(seconds=5)
    to = await definition_of(flow.services, "acme", "front", "flow", "")
    await apply(flow.services, "acme", run, "move", to=to)
    moved = await flow.advance(run.id)

    assert ["nap"] == [one.node for one in moved.waits]
    assert not [one for one in await flow.front.documents("customers") if one.get("awaiting")]


async def test_who_waits_no_more_is_not_looked_at(flow):
    """The customer's own record names the runs that wait for them, while they do."""
    run = await of_whatsapp(flow, [COMING])
    (waits,) = [one for one in await flow.front.documents("customers") if one.get("awaiting")]
    await flow.front.wrote("I will come")
    await hears(flow, run)

    assert [run.id] == waits["awaiting"]
    assert not [one for one in await flow.front.documents("customers") if one.get("awaiting")]
