"""A workflow in a file of its own: the orchestrator's older form becomes a workflow as desks write them."""

import json
from dataclasses import dataclass

from pydantic import ValidationError

from shared.config.nodes import Node, grown, plain, problem
from shared.config.problems import Notice, Problem, in_order
from shared.config.read import read
from shared.config.schema import DeskConfig
from shared.config.schema_problems import schema_problems
from shared.config.workflow_checks import at_place, graph_checks, part_checks, unused_outputs
from shared.config.workflows import Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowFile:
    """What a workflow's file came to. `workflow` is None exactly where there are problems."""

    name: str
    workflow: Workflow | None
    problems: tuple[Problem, ...] = ()
    notices: tuple[Notice, ...] = ()


def read_workflow(
    text: str | bytes,
    config: DeskConfig | None,
    *,
    file: str = "workflow.yaml",
    name: str = "",
    agents: frozenset[str] | None = None,
) -> WorkflowFile:
    """Read and check one workflow for a desk; `agents` are those that are shipped, `name` what it is called
    there, where the file does not say. Never raises for what the file holds.
    """
    found = read(text, file)
    if found.root is None or found.problems:
        return WorkflowFile(name="", workflow=None, problems=in_order(found.problems))
    root = found.root
    name = name or (root.map["name"].text if "name" in root.map else None) or ""
    problems = moved(root)
    try:
        workflow = Workflow.model_validate_json(json.dumps(plain(root)), strict=True)
    except ValidationError as error:
        problems += schema_problems(root, error, Workflow)
        return WorkflowFile(name=name, workflow=None, problems=in_order(problems))
    broken = [*graph_checks(workflow, ())]
    if config is not None:
        broken += part_checks(config, name, workflow, (), agents)
    problems += [at_place(root, *one) for one in broken]
    odd = (at_place(root, *one) for one in unused_outputs(workflow, ()))
    notices = tuple(Notice(one.file, one.line, one.column, one.path, one.found, one.fix) for one in odd)
    return WorkflowFile(
        name=name,
        workflow=None if problems else workflow,
        problems=in_order(problems),
        notices=notices,
    )


def moved(root: Node) -> list[Problem]:
    """Bring a workflow's older keys to where they stand now, in place; what cannot be moved is a problem."""
    problems: list[Problem] = []
    for key in ("name", "version"):
        root.map.pop(key, None)
    shell = root.map.pop("workflow", None)
    if shell is not None:
        for key, child in shell.map.items():
            root.map.setdefault(key, child)
    hil = root.map.pop("hil_config", None)
    enabled = hil.map.get("enabled") if hil else None
    if hil is not None and (enabled is None or enabled.value is True):
        triggers = hil.map.get("handover_triggers")
        conditions = []
        for index, trigger in enumerate(triggers.items if triggers else ()):
            condition = _condition(trigger)
            if condition is None:
                path = ("hil_config", "handover_triggers", index)
                kinds = "confidence_threshold, explicit_request, agent_decision or error_threshold"
                problems.append(problem(trigger, path, "a trigger of no known type", f"write type: {kinds}"))
            else:
                conditions.append(grown(condition, trigger))
        root.map.setdefault("handover_when", grown(conditions, hil))
    return problems


def _condition(trigger: Node) -> str | None:
    """An older trigger as an expression over `run`."""
    written = plain(trigger)
    match written.get("type") if isinstance(written, dict) else None:
        case "confidence_threshold":
            return f"run.confidence < `{json.dumps(written.get('threshold', 0.7))}`"
        case "error_threshold":
            return f"run.errors >= `{json.dumps(written.get('consecutive_errors', 3))}`"
        case "agent_decision":
            return "run.handover"
        case "explicit_request":
            quoted = [str(one).casefold().replace("'", "\\'") for one in written.get("patterns", [])]
            return " || ".join(f"contains(run.said, '{one}')" for one in quoted) or "run.handover"
    return None
