"""A workflow answers in the desk's place: each message by a run, under all that holds for any answer."""

import asyncio

import pytest

from shared.desk import take_turn as turns
from shared.desk.hand_back import hand_back
from shared.desk.runs.signal import decide_approval
from shared.desk.take import take
from shared.domain.colleagues import Actor
from shared.domain.runs import read_run
from tests.unit.runs.test_lease import scales

__all__ = ["scales"]
PRIYA = Actor(id="priya", name="Priya", role="supervisor")
ECHO = [{"id": "end", "finish": {"reply": "You said: {{ input.message }}"}}]
ASKING = [
    {"id": "ask", "send": "Which order?"},
    {"id": "order", "wait": {"reply": True, "timeout": "24h"}},
    {"id": "end", "finish": {"reply": "Order {{ order.text }} it is."}},
]


async def answers_by(flow, nodes, **more):
    """The desk answers by this workflow."""
    whole = {"nodes": nodes} if isinstance(nodes, list) else nodes
    await flow.front.publish(agent={"workflow": "flow"}, workflows={"flow": whole}, **more)


async def texts(flow):
    return [one.content.text for one in await flow.front.messages() if one.author == "desk"]


async def runs(flow):
    return [read_run(one) for one in await flow.front.documents("runs")]


async def test_what_a_run_finishes_with_is_the_answer(flow):
    """The message is its input, its finish's reply the one answer, and the receipt names the run."""
    await answers_by(flow, ECHO)
    said = await flow.front.ask("Hello there")
    head, (run,) = await flow.front.head(), await runs(flow)

    assert ["You said: Hello there"] == await texts(flow)
    assert (f"{flow.front.conversation}:1", "queued", head.epoch) == (said.turn, said.status, said.epoch)
    assert ("finished", 1, "") == (head.state, head.answered, head.lease)
    assert ("completed", flow.front.conversation, "Hello there") == (
        run.status,
        run.conversation,
        run.input["customer_message"],
    )
    (receipt,) = await flow.front.documents(f"conversations/{flow.front.conversation}/turns")
    assert {"run": run.id, "status": "completed"} == receipt["steps"][-1]["detail"]


async def test_each_message_has_a_run_of_its_own_which_knows_what_was_said(flow):
    """The second run is told the talk before it, both sides of it."""
    await answers_by(flow, ECHO)
    await flow.front.ask("Hello")
    await flow.front.ask("And again")
    second = next(run for run in await runs(flow) if run.input["message"] == "And again")

    assert ["You said: Hello", "You said: And again"] == await texts(flow)
    assert [
        {"author": "customer", "text": "Hello"},
        {"author": "desk", "text": "You said: Hello"},
    ] == second.context["said"]


async def test_a_run_that_waits_for_the_reply_goes_on_with_the_next_message(flow):
    """Whatever the customer writes in one go is that reply, and no other run begins."""
    await answers_by(flow, ASKING)
    await flow.front.ask("I want to return something")
    await flow.front.say("the kettle,")
    await flow.front.say("number 12")
    await flow.front.turn()
    (run,) = await runs(flow)

    assert ["Which order?", "Order the kettle,\nnumber 12 it is."] == await texts(flow)
    assert "completed" == run.status
    await flow.front.ask("Something else")
    assert 2 == len(await runs(flow))


async def test_a_run_that_hands_over_brings_people(flow):
    """What it said before goes with it, and the desk is silent from then on."""
    await answers_by(
        flow,
        {
            "nodes": [
                {"id": "told", "send": "One moment."},
                {"id": "people", "handover": {"reason": "a return", "reply": "A colleague comes."}},
            ],
            "edges": [{"from": "told", "to": "people"}],
        },
    )
    await flow.front.ask("Return, please")
    head, (handover,) = await flow.front.head(), await flow.front.documents("handovers")

    assert ("handover", ["One moment.", "A colleague comes."]) == (head.state, await texts(flow))
    assert ("a return", "Return, please") == (handover["reason"], handover["summary"])


async def test_a_run_that_fails_ends_with_an_apology_and_a_person(flow):
    """The reason is for people, not for the customer."""
    await answers_by(flow, [{"id": "bad", "set": {"n": "length(input.absent)"}}, *ECHO])
    await flow.front.ask("Hello")
    head, (handover,) = await flow.front.head(), await flow.front.documents("handovers")

    assert "handover" == head.state
    assert "the workflow flow did not answer" in handover["reason"]
    assert not any("workflow" in text for text in await texts(flow))


async def test_what_a_run_comes_to_after_a_person_spoke_is_not_said(flow, scales):
    """A person who takes the conversation while it works silences it, as any answer."""
    weigh = {"id": "weigh", "tool": "weigh"}
    await answers_by(flow, [weigh, *ECHO], tools={"weigh": {}})
    await flow.front.say("Weigh it")
    turn = asyncio.create_task(flow.front.turn())
    await scales.begun.wait()
    await take(flow.services, "acme", flow.front.conversation, by=PRIYA)
    scales.done.set()
    await turn

    assert ("human_active", []) == ((await flow.front.head()).state, await texts(flow))


async def test_a_turn_that_died_after_its_run_says_once_what_that_came_to(flow, monkeypatch):
    """The run is found by its turn: it is not begun anew, and its words are not lost."""
    await answers_by(flow, ASKING)

    async def dies(turning, thought):
        raise RuntimeError("the power went")

    for text in ("Return", "12"):
        await flow.front.say(text)
        with monkeypatch.context() as broken:
            broken.setattr(turns, "_finish", dies)
            with pytest.raises(RuntimeError):
                await flow.front.turn()
        await flow.front.turn(wait=120)

    assert ["Which order?", "Order 12 it is."] == await texts(flow)
    assert 1 == len(await runs(flow))


async def test_a_run_that_waits_for_people_says_later_what_it_comes_to(flow):
    """The turn ends with what was said so far; the rest is said when a person has decided."""
    await answers_by(
        flow,
        [
            {"id": "told", "send": "I ask a colleague."},
            {"id": "may", "approval": {"question": "May we?", "role": "supervisor"}},
            {"id": "end", "finish": {"reply": "{{ 'Yes' if may.approved else 'No' }}, says {{ may.by }}."}},
        ],
    )
    await flow.front.ask("May I?")
    (run,) = await runs(flow)
    await decide_approval(flow.services, "acme", run.id, "may", approved=True, by=PRIYA)
    await flow.advance(run.id)

    assert ["I ask a colleague.", "Yes, says Priya."] == await texts(flow)


async def test_after_people_gave_the_word_back_the_workflow_answers_again(flow):
    """A handover is the end of a run, and no more: the next message begins another."""
    await answers_by(flow, [{"id": "people", "handover": {"reason": "{{ input.message }}"}}])
    await flow.front.ask("First")
    await take(flow.services, "acme", flow.front.conversation, by=PRIYA)
    await hand_back(flow.services, "acme", flow.front.conversation, by=PRIYA)
    await flow.front.ask("Second")

    assert ["First", "Second"] == sorted(run.input["message"] for run in await runs(flow))
