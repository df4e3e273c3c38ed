"""Rules about a workflow that answers in the desk's place: it is there, alone, and has something to say."""

from collections.abc import Iterator

from rapidfuzz import process

from shared.config.nodes import Step
from shared.config.schema import DeskConfig
from shared.config.workflows import Workflow

Broken = tuple[tuple[Step, ...], str, str]
_SAYS = ("send", "agent", "crew", "handover", "run")


def answering_checks(config: DeskConfig) -> Iterator[Broken]:
    """Every rule broken, as (path, what was found, the fix)."""
    name, where = config.agent.workflow, ("agent", "workflow")
    if name is None:
        return
    workflow = config.workflows.get(name)
    if workflow is None:
        near = process.extractOne(name, list(config.workflows), score_cutoff=60)
        fix = f"did you mean {near[0]}?" if near else "write it in workflows:"
        yield where, f"{name!r}, no workflow of this file", fix
        return
    if config.agent.team:
        yield where, "a workflow that answers, beside a team that does", "remove one of them"
    for key in ("message", "intent", "phrase"):
        if getattr(workflow.on, key):
            found = f"words that begin {name!r}, which every message begins by agent.workflow"
            yield ("workflows", name, "on", key), found, "remove it"
    if not _says(workflow):
        found = f"{name!r}, which never says anything"
        yield where, found, "end it with finish: {reply: …}, or write a step with send:"


def _says(workflow: Workflow) -> bool:
    return any(
        any(getattr(node, kind) is not None for kind in _SAYS) or "reply" in (node.finish or {})
        for node in workflow.nodes
    )
