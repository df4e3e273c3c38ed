"""Undoes a run that failed or was cancelled: what its steps name as their compensation, last one first."""

from collections.abc import Iterable
from dataclasses import replace
from time import perf_counter

from shared.config.templates import render
from shared.config.workflows import Node
from shared.desk.runs.carry_out import DeskSteps
from shared.desk.runs.reached import Reached
from shared.domain.content import Outgoing
from shared.domain.effects import Send
from shared.domain.errors import Permanent, Transient
from shared.domain.instants import stamp
from shared.domain.runs import TraceEntry
from shared.runs.names import filled, known
from shared.runs.state import key_of
from shared.runs.steps import Done

UNDOING = "compensate"
"""The kind of an entry in the trace that undid its step."""


def to_undo(reached: Reached) -> list[Node]:
    """The steps that stand done and have a compensation that was not tried since, the last one first."""
    nodes = {node.id: node for node in reached.definition.workflow.nodes}
    return [
        nodes[step]
        for step, entry in _newest(reached.trace).items()
        if step in reached.state["outputs"] and step in nodes and nodes[step].compensate
        if entry.success and entry.kind != UNDOING
    ]


def undone_steps(trace: Iterable[TraceEntry]) -> list[str]:
    """The steps of a run that are undone, and were not done anew since."""
    return [step for step, entry in _newest(trace).items() if entry.kind == UNDOING and entry.success]


def _newest(trace: Iterable[TraceEntry]) -> dict[str, TraceEntry]:
    """How each step went last, the last one first."""
    found: dict[str, TraceEntry] = {}
    for entry in reversed([*trace]):
        found.setdefault(entry.node, entry)
    return found


async def undo(reached: Reached, steps: DeskSteps) -> Reached:
    """What there is to undo, undone as far as it goes. One that cannot be is told in the trace.

    Raises Transient where the first of it is out of reach: what was undone before is committed.
    """
    first = True
    for node in to_undo(reached):
        began, error, done = perf_counter(), "", Done(output=None)
        try:
            done = await _undone(node, reached, steps)
        except Transient as later:
            if first:
                raise Transient(f"step {node.id} cannot be undone yet: {later}") from later
            return reached
        except Permanent as never:
            error = str(never)
        entry = TraceEntry(
            node=node.id,
            kind=UNDOING,
            at=stamp(steps.now()),
            ms=(perf_counter() - began) * 1000,
            success=not error,
            money=done.money,
            error=error,
            detail=done.detail,
        )
        reached = replace(
            reached,
            undoing=(*reached.undoing, *done.effects),
            undone_trace=(*reached.undone_trace, entry),
        )
        first = False
    return reached


async def _undone(node: Node, reached: Reached, steps: DeskSteps) -> Done:
    way = node.compensate
    assert way is not None  # noqa: S101  those without one are not asked for
    names = {**steps.words, **known(reached.state, node.id)}
    done = Done(output=None)
    if way.tool:
        done = await steps.use(
            key_of(reached.state, node.id), f"{node.id}/compensate", way.tool, filled(way.arguments, names)
        )
    if way.send and way.send.text and steps.reaches:
        said = Send(message=Outgoing(text=render(way.send.text, names).strip()))
        done = replace(done, effects=(*done.effects, said))
    return done
