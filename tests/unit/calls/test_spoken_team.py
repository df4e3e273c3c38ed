"""A desk's team on calls: whom the words point to begins at once, and another answers where it is theirs."""

import asyncio

import pytest

from tests.unit.calls.line import Line, ring
from tests.unit.calls.scripted import ScriptedModel, until
from tests.unit.desk.front import Front

TEAM = [
    {"name": "visits", "handles": "booking and moving visits", "guidelines": ["Offer two times."]},
    {"name": "prices", "handles": "what treatments cost", "guidelines": ["Name the currency."]},
    {"name": "host", "handles": "anything else", "general": True},
]


@pytest.fixture
async def line(front: Front, model: ScriptedModel) -> Line:
    """A call of a desk with a team."""
    front.written["agent"] = {**front.written.get("agent", {}), "team": TEAM}
    return await ring(front, model)


async def test_whom_the_words_point_to_thinks_while_the_signals_are_read(
    line: Line, model: ScriptedModel
) -> None:
    """The answer is there when the signals are: a team costs a caller no wait of its own."""
    model.signals["category"] = "prices"
    model.judging = 1.5
    model.script = [["Six hundred rupees."]]
    running = asyncio.create_task(line.answer("What do treatments cost?"))
    await until(lambda: any(one.schema is None for one in model.asked))
    assert not running.done()
    thought = await running

    assert thought is not None
    assert ("prices", "Six hundred rupees.") == (thought.answered_by, thought.text)
    (asked,) = [one for one in model.asked if one.schema is None]
    assert "Name the currency." in asked.system


async def test_another_takes_over_before_a_word_is_said(line: Line, model: ScriptedModel) -> None:
    """What the first had begun is dropped, unheard."""
    model.signals["category"] = "visits"
    model.judging = 0.1
    model.script = [["Six hundred ", "rupees. ", "Or more."], ["At nine?"]]
    thought = await line.answer("What do treatments cost?")

    assert thought is not None
    assert ("visits", ["At nine?"]) == (thought.answered_by, line.aloud)
    (receipt,) = await line.receipts()
    assert "visits" == receipt.answered_by
