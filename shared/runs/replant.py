"""Takes a run back to a step, or over to another version: a state from which a thread can begin anew."""

from collections.abc import Collection

from shared.config.workflow_graph import Shape
from shared.runs.state import Map, RunState, open_waits, settled, sleeping


def taken_back(shape: Shape, state: RunState, steps: Collection[str]) -> RunState:
    """The state as before these steps and all behind them; what was said and done stays said and done."""
    gone = {node for node in shape.nodes if node in steps or shape.ancestors(node) & set(steps)}
    return _without(state, gone)


def carried_over(shape: Shape, state: RunState, former: Shape) -> RunState:
    """The state for another version: steps that it has not, or that do something else there, are dropped."""
    gone = {
        step
        for step in former.nodes
        if step not in shape.nodes or shape.nodes[step].kind != former.nodes[step].kind
    }
    return _without(state, gone)


def sub_runs(state: RunState, *, but: Collection[str] = ()) -> list[str]:
    """The steps that wait for a run of their own, but for these runs."""
    return [wait["node"] for wait in open_waits(state) if wait["kind"] == "run" and wait["child"] not in but]


def frontier(shape: Shape, state: RunState) -> tuple[str, ...]:
    """The steps that are due: not settled, not asleep, and everything before them is settled."""
    if state["failed"]:
        return ()
    return tuple(
        step
        for step in shape.nodes
        if not settled(state, step)
        and not sleeping(state, step)
        and all(settled(state, link.source) for link in shape.before[step])
    )


def _without(state: RunState, gone: set[str]) -> RunState:
    def left(part: Map) -> Map:
        return {step: kept for step, kept in part.items() if step not in gone}

    redone = {step: state["redone"].get(step, 0) + 1 for step in gone if _known(state, step)}
    return RunState(
        input=state["input"],
        context=state["context"],
        run=state["run"],
        outputs=left(state["outputs"]),
        skipped=left(state["skipped"]),
        failed=left(state["failed"]),
        armed=left(state["armed"]),
        fired=left(state["fired"]),
        trace=state["trace"],
        effects=state["effects"],
        redone=state["redone"] | redone,
    )


def _known(state: RunState, step: str) -> bool:
    """Whether it is known what a step did, so that to do it anew is another act.

    One that was tried in vain may have acted without an answer: it goes on being the same act.
    """
    if step in sub_runs(state):
        return True
    newest = next((entry for entry in reversed(state["trace"]) if entry["node"] == step), {})
    return settled(state, step) and not newest.get("passing")
