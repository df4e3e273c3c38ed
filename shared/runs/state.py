"""What a run has done so far, as plain data: the state of its graph, which each step adds to."""

import operator
from typing import Annotated, Any, TypedDict

Map = dict[str, Any]


def _merged(one: Map, other: Map) -> Map:
    return one | other


class RunState(TypedDict):
    """The state of a run. A step is settled once it stands in `outputs`, `skipped` or `failed`."""

    input: Map
    context: Map
    run: str  # the run's id
    outputs: Annotated[Map, _merged]  # step -> what it came to
    skipped: Annotated[Map, _merged]  # steps whose condition did not hold, or to which no edge led
    failed: Annotated[Map, _merged]  # step -> why it failed for good; nothing begins after that
    armed: Annotated[Map, _merged]  # step -> what it waits for, or waited for last
    fired: Annotated[Map, _merged]  # step -> what ended its wait
    trace: Annotated[list[Map], operator.add]
    effects: Annotated[list[Map], operator.add]  # Effect records, in the order they are to happen
    redone: Annotated[Map, _merged]  # step -> how often it was taken back after it was known what it did


def begin(run: str, given: Map, context: Map) -> RunState:
    """The state a run begins with."""
    return RunState(
        input=given,
        context=context,
        run=run,
        outputs={},
        skipped={},
        failed={},
        armed={},
        fired={},
        trace=[],
        effects=[],
        redone={},
    )


def key_of(state: RunState, step: str) -> str:
    """Names what a step of a run does: the same until it is to be done anew, however often it is tried."""
    return f"run:{state['run']}#{state['redone'].get(step, 0)}"


def settled(state: RunState, step: str) -> bool:
    """Whether nothing more comes of a step."""
    return step in state["outputs"] or step in state["skipped"] or step in state["failed"]


def sleeping(state: RunState, step: str) -> Map | None:
    """What a step waits for that nothing has ended yet, or None."""
    armed: Map | None = state["armed"].get(step)
    if armed is None or settled(state, step):
        return None
    fired = state["fired"].get(step)
    return None if fired and fired["nth"] == armed["nth"] else armed


def open_waits(state: RunState) -> list[Map]:
    """Everything the run waits for."""
    return [armed for step in state["armed"] if (armed := sleeping(state, step))]
