"""A workflow in a file of its own, as an orchestrator's document writes it: read, or refused at its line."""

from pathlib import Path

import pytest

from shared.config.workflow_file import read_workflow
from shared.config.workflow_graph import shape_of

PRINTED = Path(__file__).parents[2] / "fixtures" / "workflows"
S2 = """
name: customer_support_hil
version: 2.0.0
hil_config:
  enabled: true
  handover_triggers:
    - type: confidence_threshold
      threshold: 0.7
    - type: explicit_request
      patterns: ["Speak to human", "escalate"]
    - type: agent_decision
    - type: error_threshold
      consecutive_errors: 3
workflow:
  nodes:
    - id: FINISH
      type: sink
      action: finish_conversation
    - id: HANDOVER
      type: sink
      action: handover_to_human
      config:
        required_skills: "['general']"
    - id: classify_intent
      agent: simple_intent_classifier
      config:
        model_profile: fast
    - id: handle_return
      agent: autonomous_return_agent
      condition:
        type: jmespath
        expression: "classify_intent.output.intent == 'return_request'"
  edges:
    - from: classify_intent
      to: handle_return
      condition:
        type: jmespath
        expression: "output.intent == 'return_request'"
"""


def test_a_workflow_in_a_file_of_its_own_is_the_same_thing():
    """The orchestrator's form reads into a desk's: triggers become conditions, sinks stand at the end."""
    read = read_workflow(S2, None)
    assert () == read.problems
    assert "customer_support_hil" == read.name
    assert (
        "run.confidence < `0.7`",
        "contains(run.said, 'speak to human') || contains(run.said, 'escalate')",
        "run.handover",
        "run.errors >= `3`",
    ) == read.workflow.handover_when
    shape = shape_of(read.workflow)
    assert ("classify_intent",) == shape.first
    assert {"FINISH", "HANDOVER"} == set(shape.after["handle_return"])


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("customer_support_advanced", []),
        # It has its two sinks alone, and one of them names a step of the other file.
        (
            "customer_support_hil",
            [("nodes[1].handover.required_skills", "'classify_intent', which no earlier step produces")],
        ),
    ],
)
def test_the_documents_own_files_are_read_letter_by_letter(name, found):
    """What of them can run by itself reads without a word; what cannot is told why."""
    read = read_workflow((PRINTED / f"{name}_as_printed.yaml").read_text("utf-8"), None)

    assert name == read.name
    assert found == [(one.path, one.found) for one in read.problems]


def test_a_mistake_in_such_a_file_is_told_at_its_line():
    """Line and column are those of the file as it was written."""
    read = read_workflow(S2.replace("to: handle_return", "to: handle_retur"), None, file="s2.yaml")
    (problem,) = [one for one in read.problems if "'handle_retur'" in one.found]

    assert ("s2.yaml", 35, "edges[0].to") == (problem.file, problem.line, problem.path)
