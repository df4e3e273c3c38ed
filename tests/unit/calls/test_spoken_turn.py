"""A turn of a call: said as it comes, once, by one who may, and ended by nothing but an answer."""

import asyncio

import pytest
from msgspec.structs import replace

from shared.desk.calls.document import edit_call
from shared.desk.calls.spoken import said
from shared.desk.take import take
from shared.domain.colleagues import Actor
from shared.domain.errors import Contested, Transient
from tests.unit.calls.line import Line
from tests.unit.calls.scripted import ScriptedModel, call, until

PRIYA = Actor(id="priya", name="Priya")


async def test_an_answer_is_said_sentence_by_sentence_and_commits_no_message(
    line: Line, model: ScriptedModel
) -> None:
    """What is played is written down by whoever plays it; the turn ends with its receipt alone."""
    model.script = [["We open at eight. ", "We close at ", "eight in the evening."]]

    thought = await line.answer("When are you open?")

    assert thought is not None
    assert ["We open at eight.", "We close at eight in the evening."] == line.aloud
    assert ["customer"] == [one.author for one in await line.messages()]
    head = await line.head()
    assert (1, "finished", "") == (head.answered, head.state, head.lease)
    (receipt,) = await line.receipts()
    assert ("answered", (1, 1)) == (receipt.outcome, receipt.covers)


async def test_words_after_a_tool_are_said_as_they_come_too(line: Line, model: ScriptedModel) -> None:
    """Each asking of the model begins its words anew, and none of them is said twice."""
    waits = asyncio.Event()
    model.script = [
        ["Let me look. ", call("check_slots")],
        ["There is one. ", "At nine. ", waits, "Shall I book it?"],
    ]
    await line.hear("Is there a slot tomorrow?")
    turn = line.turn()
    running = asyncio.create_task(turn.run(line.say))
    await until(lambda: len(line.aloud) == 3)

    assert ["Let me look.", "There is one.", "At nine."] == line.aloud
    assert turn.acted
    assert turn.spoke
    waits.set()
    await running
    assert "Shall I book it?" == line.aloud[3]
    assert 4 == len(line.aloud)


async def test_a_turn_cut_off_lets_go_and_the_next_answers_both(line: Line, model: ScriptedModel) -> None:
    """The words that were not answered are still waiting, and no lease stands in the way."""
    model.script = [[asyncio.Event()], ["Both, yes."]]
    await line.hear("Do you clean teeth?")
    running = asyncio.create_task(line.turn().run(line.say))
    await until(lambda: bool(model.asked))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ("", 0) == ((await line.head()).lease, (await line.head()).answered)

    thought = await line.answer("And fill them?")

    assert thought is not None
    assert (1, 2) == thought.covers
    texts = [turn.text for turn in model.asked[-1].turns if turn.role == "customer"]
    assert ["Do you clean teeth?", "And fill them?"] == texts
    assert ["Both, yes."] == line.aloud


async def test_a_tool_acts_once_across_a_cut_and_the_answer_after_it(
    line: Line, model: ScriptedModel
) -> None:
    """The turn keeps its id until there is an answer, so the ledger knows the call again."""
    book = call("check_slots", day="2026-11-23")
    model.script = [[book], [asyncio.Event()], [book], ["Nine is free."]]
    await line.hear("What is free on Monday?")
    running = asyncio.create_task(line.turn().run(line.say))
    await until(lambda: len(model.asked) == 2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    thought = await line.answer("Are you there?")

    assert thought is not None
    assert ["done"] == [one["state"] for one in await line.effects()]
    results = [turn.result for turn in model.asked[-1].turns if turn.role == "tool"]
    assert 1 == len(results)


async def test_a_turn_that_died_with_its_process_is_taken_over_at_once(
    line: Line, model: ScriptedModel
) -> None:
    """Its lease has not run out, but nobody else may carry the call: the caller does not wait for its end."""
    model.script = [[asyncio.Event()], ["Yes."]]
    await line.hear("Hello?")
    dead = asyncio.create_task(line.turn().run(line.say))
    await until(lambda: bool(model.asked))
    assert (await line.head()).lease

    assert await line.turn().run(line.say) is not None

    assert ["Yes."] == line.aloud
    dead.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dead
    assert "finished" == (await line.head()).state


async def test_words_that_come_while_a_turn_thinks_wait_for_the_next_and_ring_no_alarm(
    line: Line, model: ScriptedModel
) -> None:
    """Who carries the call answers them; an alarm would have the chat's turn answer them too."""
    waits = asyncio.Event()
    model.script = [[waits, "One."], ["Two."]]
    await line.hear("First?")
    running = asyncio.create_task(line.turn().run(line.say))
    await until(lambda: bool(model.asked))
    await line.hear("Second?")
    waits.set()

    first = await running
    assert first is not None
    assert (1, 1) == first.covers
    assert (2, 1) == ((await line.head()).pending, (await line.head()).answered)
    assert [] == await line.alarms("take_turn")

    second = await line.turn().run(line.say)
    assert second is not None
    assert (2, 2) == second.covers
    assert ["One.", "Two."] == line.aloud


async def test_words_of_an_earlier_answer_played_late_do_not_answer_what_came_since(
    line: Line, model: ScriptedModel
) -> None:
    """An answer's words are written down by their turn; the question after it still waits."""
    model.script = [["One."]]
    thought = await line.answer("First?")
    await line.hear("Second?")
    assert thought is not None

    await said(
        line.front.services,
        line.front.store,
        line.call,
        "reply-1",
        "One.",
        config=line.published.config,
        turn=thought.turn,
    )

    assert (2, 1) == ((await line.head()).pending, (await line.head()).answered)
    played = (await line.messages())[-1]
    assert (thought.turn, "One.") == (played.turn, played.content.text)


async def test_a_handover_ends_the_turn_with_its_words_said(line: Line, model: ScriptedModel) -> None:
    """Who asks for a person hears that one is asked for, and the desk has no word any more."""
    model.signals = {**model.signals, "wants_human": True}
    model.script = [[asyncio.Event()]]
    await line.front.publish(tools={"hand_over": {}})

    thought = await line.answer("I want to talk to a human")

    assert thought is not None
    assert thought.handover is not None
    assert 1 == len(line.aloud)
    assert "handover" == (await line.head()).state
    assert await line.answer("Hello?") is None


async def test_a_person_who_takes_the_call_meanwhile_leaves_the_turn_uncommitted(
    line: Line, model: ScriptedModel
) -> None:
    """What was thought is no answer any more, and a turn that begins then says nothing."""
    waits = asyncio.Event()
    model.script = [[waits, "Too late."]]
    await line.hear("Hello?")
    running = asyncio.create_task(line.turn().run(line.say))
    await until(lambda: bool(model.asked))
    await take(line.front.services, "acme", line.call.conversation, by=PRIYA)
    waits.set()

    assert await running is None
    assert await line.turn().run(line.say) is None
    assert [] == await line.receipts()


async def test_a_job_that_lost_the_call_answers_no_more(line: Line, model: ScriptedModel) -> None:
    """Another job has it by now, and its turn is not taken over by this one."""
    await line.hear("Hello?")
    services = line.front.services
    await edit_call(services, "acme", "call-1", lambda call, _: replace(call, generation=1))

    with pytest.raises(Contested, match="answers no more"):
        await line.turn().run(line.say)

    assert [] == model.asked


async def test_a_model_that_fails_leaves_the_words_waiting(line: Line, model: ScriptedModel) -> None:
    """The error reaches whoever speaks, who falls back; nothing is answered by it."""
    model.away = True

    with pytest.raises(Transient, match="no model could answer"):
        await line.answer("Hello?")

    head = await line.head()
    assert (0, 1, "") == (head.answered, head.pending, head.lease)


async def test_where_somebody_is_in_danger_whom_to_call_is_said(line: Line, model: ScriptedModel) -> None:
    """Also where the model's own words were on their way already."""
    model.signals = {**model.signals, "intent": "emergency"}
    model.script = [["Please sit down. ", "Breathe slowly."]]

    await line.answer("My father cannot breathe")

    assert any("emergency" in one for one in line.aloud)
    assert ["Please sit down.", "Breathe slowly."] == line.aloud[:1] + line.aloud[-1:]
