"""A desk that names a workflow to answer in its place is told what could not work, and where it stands."""

import pytest

from shared.config.validate import validate

DESK = """version: "1.0"
tenant: {id: acme, name: Acme}
desk: {id: front, name: Acme, use_case: support}
channels: {webchat: {enabled: true}}
agent:
  workflow: %s
  team: %s
workflows:
  answers:
    on: %s
    nodes:
      - id: end
        finish: %s
"""
REPLY = "{reply: Hello}"
TEAM = "[{name: all, handles: everything, general: true}]"


@pytest.mark.parametrize(
    ("written", "place", "found", "fix"),
    [
        # a slip of the pen
        (("answer", "[]", "{}", REPLY), ("6", "agent.workflow"), "'answer', no workflow", "mean answers?"),
        # two that would answer
        (("answers", TEAM, "{}", REPLY), ("6", "agent.workflow"), "beside a team", "remove one"),
        # begun twice by the same words
        (
            ("answers", "[]", "{phrase: [hello]}", REPLY),
            ("10", "workflows.answers.on.phrase"),
            "words that begin 'answers'",
            "remove it",
        ),
        # nobody would ever hear of it
        (("answers", "[]", "{}", "{n: 1}"), ("6", "agent.workflow"), "never says anything", "finish: {reply"),
    ],
)
def test_what_could_not_answer_is_told_with_its_place_and_its_fix(written, place, found, fix):
    """File, line, path, what was found and what to write."""
    validated = validate((DESK % written).encode(), file="front.yaml")
    (told,) = validated.problems

    assert ("front.yaml", *place) == (told.file, str(told.line), told.path)
    assert found in told.found
    assert fix in told.fix


def test_a_workflow_that_replies_may_answer():
    """Its finish's reply is enough."""
    assert validate((DESK % ("answers", "[]", "{}", REPLY)).encode()).config is not None
