"""Whole talks with three desks, told as data in `dialogues/`."""

from pathlib import Path

import pytest
import yaml

DIALOGUES = Path(__file__).parent / "dialogues"
CASES = [
    pytest.param(path.stem.split("_")[0], case, id=f"{path.stem}: {case['it']}")
    for path in sorted(DIALOGUES.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text("utf-8"))
]


def check(step: dict, answer, calls: list) -> None:
    said = answer.text.casefold()
    for words in step.get("hears", []):
        assert str(words).casefold() in said, f"{words!r} in the answer to {step['says']!r}: {answer.text!r}"
    for words in step.get("lacks", []):
        assert str(words).casefold() not in said
    given = calls[-1].arguments if calls else {}
    assert {**given, **step.get("with", {})} == given
    if "offers" in step:
        assert len(answer.choices) == step["offers"]


@pytest.mark.parametrize(("trade", "case"), CASES)
async def test_the_desk_answers_and_acts_as_written(trade, case, talks, desk_of):
    """Each message calls the tools and hears the words its dialogue says."""
    talk = talks(desk_of(trade))
    for step in case["talk"]:
        before = len(talk.calls)
        answer = await talk.say(str(step["says"]))
        calls = talk.calls[before:]
        assert [call.name for call in calls] == step.get("calls", []), f"after {step['says']!r}"
        check(step, answer, calls)


@pytest.mark.parametrize(("trade", "case"), CASES)
async def test_a_desk_that_keeps_messages_alone_answers_alike(trade, case, talks, desk_of):
    """Without the tool turns of the past the same words lead to the same act, if need be by looking again."""
    talk = talks(desk_of(trade), forgetful=True)
    for step in case["talk"]:
        before = len(talk.calls)
        answer = await talk.say(str(step["says"]))
        calls = talk.calls[before:]
        assert {call.name for call in calls} - {"check_slots"} == set(step.get("calls", [])) - {"check_slots"}
        check(step, answer, calls)
