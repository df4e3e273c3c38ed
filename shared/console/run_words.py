"""Runs in the words of people: how they stand, what they wait for, who began them, how each step stands."""

from collections.abc import Mapping

from shared.config.workflow_graph import Shape
from shared.config.workflow_triggers import Triggers
from shared.desk.runs.undo import undone_steps
from shared.domain.runs import OVER, OpenWait, Run, RunStatus, WaitKind, ended_already
from shared.runs.replant import frontier
from shared.runs.state import RunState, sleeping

STATES: dict[RunStatus, str] = {
    "running": "Under way",
    "waiting": "Waiting",
    "paused": "Paused",
    "completed": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "parked": "Set aside",
}
TONES: dict[RunStatus, str] = {
    "running": "mine",
    "waiting": "",
    "paused": "wait",
    "completed": "good",
    "failed": "wrong",
    "cancelled": "",
    "parked": "wrong",
}
STEP_STATES = {
    "done": "done",
    "stumbled": "failed, and the run went on without it",
    "failed": "failed",
    "skipped": "skipped",
    "waiting": "waits",
    "now": "under way",
    "undone": "undone",
    "": "to come",
}
KINDS = {
    "agent": "An agent thinks", "crew": "Agents work together", "tool": "A tool acts",
    "send": "The customer is told", "call": "The customer is called", "wait": "Waits",
    "approval": "A person decides", "run": "Another workflow", "set": "Works values out",
    "finish": "The end", "handover": "A person takes over", "compensate": "Undone",
}  # fmt: skip
_WAITS: dict[WaitKind, str] = {
    "time": "Its time",
    "signal": "The signal “{name}”",
    "webhook": "A call from outside, “{name}”",
    "reply": "The customer's answer",
    "approval": "A decision: {question}",
    "run": "Another run",
    "retry": "Another try",
}


def spelled(name: str) -> str:
    """A name of a file as people write it."""
    words = name.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def waits_for(wait: OpenWait) -> str:
    """What a wait is for; until when is told beside it."""
    return _WAITS[wait.kind].format(name=wait.name, question=wait.question)


def questions(run: Run) -> list[OpenWait]:
    """What a person is still to decide."""
    if run.status in OVER:
        return []
    return [one for one in run.waits if one.kind == "approval" and not ended_already(run, one)]


def starts(on: Triggers) -> list[str]:
    """What begins a run by itself, each in a few words; none where somebody has to."""
    told = ["a message that meets its condition"] if on.message else []
    told += [f"the intent “{one}”" for one in on.intent]
    told += [f"the words “{one}”" for one in on.phrase]
    told += [f"the fact {one}" for one in on.event]
    told += [f"the clock, {one.cron}" for one in on.schedule]
    return [*told, "an agent"] if on.agent else told


def begun_by(run: Run, names: Mapping[str, str]) -> str:
    """Who or what began it."""
    if run.by.startswith(("run:", "fork of ")):
        return "another run" if run.parent else "a fork"
    return names.get(run.by) or run.by or "the API"


def step_states(shape: Shape, run: Run, state: RunState | None) -> dict[str, str]:
    """How each step stands; empty where the run has not come to it."""
    undone = set(undone_steps(run.trace))
    if state is None:
        failed = {entry.node for entry in run.trace if not entry.success}
        there = dict.fromkeys(run.outputs, "done") | dict.fromkeys(failed, "failed")
    else:
        due = frontier(shape, state) if run.status == "running" and not run.ends_as else ()
        there = {step: _stands(state, step, due=step in due) for step in shape.nodes}
    return there | dict.fromkeys(undone, "undone")


def _stands(state: RunState, step: str, *, due: bool) -> str:
    if step in state["failed"]:
        return "failed"
    if step in state["skipped"]:
        return "skipped"
    if step in state["outputs"]:
        output = state["outputs"][step]
        return "stumbled" if isinstance(output, dict) and output.get("failed") is True else "done"
    if sleeping(state, step):
        return "waiting"
    return "now" if due else ""


def lasted(ms: float) -> str:
    """How long a step took, from milliseconds."""
    seconds = ms / 1000
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{ms:.0f} ms"
