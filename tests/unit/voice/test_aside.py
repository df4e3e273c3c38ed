"""Words beside the turns: a model alone puts into words what is asked for, and nothing else is said."""

from tests.unit.calls.line import Line
from tests.unit.calls.scripted import ScriptedModel
from tests.unit.voice.test_ways_of_answering import ways


async def test_what_colleagues_noted_is_never_read_aloud(line: Line, model: ScriptedModel) -> None:
    """What is asked for is for the model alone, whatever quotes are in it."""
    model.script = [["You have me again."]]
    heard = ways(line)

    await heard.ways.aside('They left: "a hard one", promised "10 % off". Say so in a few words.', heard.say)

    assert ["You have me again."] == heard.aloud
    assert "a hard one" in model.asked[0].system


async def test_a_model_puts_into_words_and_answers_nothing(line: Line, model: ScriptedModel) -> None:
    """What the caller asked still waits, and no tool is offered."""
    await line.hear("When do you open?")
    model.script = [["Goodbye, and thank you for calling."]]
    heard = ways(line)

    await heard.ways.aside("Say goodbye.", heard.say)

    assert ["Goodbye, and thank you for calling."] == heard.aloud
    assert () == model.asked[0].tools
    assert "Say goodbye." in model.asked[0].system
    assert (0, 1) == ((await line.head()).answered, (await line.head()).pending)


async def test_where_nothing_puts_it_into_words_nothing_is_said(line: Line, model: ScriptedModel) -> None:
    """A call does not break for want of a courtesy."""
    model.away = True
    heard = ways(line)

    await heard.ways.aside("Say goodbye.", heard.say)

    assert [] == heard.aloud
