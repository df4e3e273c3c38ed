"""A model alone: quick and short, within the budget, and no dead end for who needs a person."""

import pytest

from shared.desk.calls.direct import MOST_TOKENS, DirectTurn
from shared.desk.calls.giving_up import give_up, words_given_up
from shared.domain.errors import Permanent, Transient
from shared.models.budget import BudgetEnded
from tests.unit.calls.line import Line
from tests.unit.calls.scripted import ScriptedModel


def direct(line: Line) -> DirectTurn:
    return DirectTurn(line.front.services, line.front.store, line.call, line.published)


async def test_a_direct_answer_has_no_tools_and_answers_what_waits(line: Line, model: ScriptedModel) -> None:
    """It is asked for few words, said as they come, and committed as the turn's answer."""
    model.script = [["We open at eight. ", "Do come in."]]
    await line.hear("When do you open?")

    thought = await direct(line).run(line.say)

    assert thought is not None
    assert ["We open at eight.", "Do come in."] == line.aloud
    assert ((), MOST_TOKENS) == (model.asked[0].tools, model.asked[0].max_tokens)
    assert (1, "finished") == ((await line.head()).answered, (await line.head()).state)
    (receipt,) = await line.receipts()
    assert ["signals", "model"] == [step.kind for step in receipt.steps]


async def test_links_of_others_lose_their_address_in_a_direct_answer(
    line: Line, model: ScriptedModel
) -> None:
    """The guard reads it as it reads any answer."""
    model.script = [["See https://elsewhere.example/x?secret=1 now."]]
    await line.hear("Where do I book?")

    await direct(line).run(line.say)

    assert "secret" not in line.aloud[0]


async def test_who_asks_for_a_person_is_handed_over_by_a_direct_answer_too(
    line: Line, model: ScriptedModel
) -> None:
    """What the words show is judged beside it."""
    model.signals = {**model.signals, "wants_human": True}
    model.script = [["I am sorry to hear that."]]
    await line.hear("I want a human")

    thought = await direct(line).run(line.say)

    assert thought is not None
    assert thought.handover is not None
    assert 2 == len(line.aloud)
    assert "handover" == (await line.head()).state


async def test_a_model_that_is_away_leaves_the_words_waiting(line: Line, model: ScriptedModel) -> None:
    """Whoever speaks has a canned word then."""
    model.away = True
    await line.hear("Hello?")

    with pytest.raises(Transient):
        await direct(line).run(line.say)

    assert (0, "") == ((await line.head()).answered, (await line.head()).lease)


async def test_a_budget_that_ended_refuses_a_direct_answer_too(line: Line, model: ScriptedModel) -> None:
    """A model alone costs money as well."""
    await line.front.publish(budgets={"conversation": 0})
    line.published = await line.front.running()
    await line.hear("Hello?")

    with pytest.raises(BudgetEnded):
        await direct(line).run(line.say)

    assert [] == model.asked


async def test_what_nothing_could_answer_ends_with_a_person_asked(line: Line) -> None:
    """The caller hears so, and why is kept for people."""
    await line.hear("Hello?")
    services, store = line.front.services, line.front.store

    thought = await give_up(services, store, line.call, line.published, Permanent("the prompt is broken"))

    assert thought is not None
    assert "colleague" in words_given_up(services, line.call, line.published, thought)
    assert "handover" == (await line.head()).state
    (receipt,) = await line.receipts()
    assert ("apologised", "the prompt is broken") == (receipt.outcome, receipt.steps[0].error)
    assert await give_up(services, store, line.call, line.published, Permanent("again")) is None
