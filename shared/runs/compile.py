"""A workflow as a LangGraph graph: one node a step, which decides by itself whether its turn has come.

There are no edges but to the first steps: a step that is settled goes to those behind it, and one that is
reached while not all before it are settled does nothing. So a step that sleeps holds up its own followers
alone, and is woken by being gone to again.
"""

from typing import Any

import msgspec
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command

from shared.config.workflow_graph import Link, Shape, shape_of
from shared.config.workflows import Node, Workflow
from shared.domain.effects import Effect
from shared.runs.names import holds, known
from shared.runs.perform import Armed, Settled, perform
from shared.runs.state import Map, RunState, settled, sleeping
from shared.runs.steps import Carrying

Graph = CompiledStateGraph[RunState, Carrying, RunState, RunState]
Put = RunState | Command[Any] | None
"""What a graph is advanced with: the state it begins with, what it goes to or is woken by, or nothing new."""
_LONG = ("agent", "crew", "tool", "call")
"""Steps that may take a while: what was said before them is sent off first."""


def build(workflow: Workflow, checkpointer: BaseCheckpointSaver[Any] | None) -> Graph:
    """The graph of a checked workflow, compiled for one checkpointer; it can advance many runs at once."""
    shape = shape_of(workflow)
    builder = StateGraph(RunState, context_schema=Carrying)
    for node in shape.nodes.values():
        builder.add_node(node.id, _step(node, shape), destinations=shape.after[node.id])
    for first in shape.first:
        builder.add_edge(START, first)
    return builder.compile(checkpointer=checkpointer)


def waking(fired: dict[str, Map]) -> Command[Any]:
    """What is put into a run so that sleeping steps go on: what ended the wait of each."""
    return Command(update={"fired": fired}, goto=list(fired))


def going_to(steps: tuple[str, ...]) -> Command[Any]:
    """What is put into a run so that it goes on at these steps."""
    return Command(goto=list(steps))


def _step(node: Node, shape: Shape) -> Any:
    before, after = shape.before[node.id], shape.after[node.id]
    sources = {link.source for link in before}
    leads_to_long = any(shape.nodes[target].kind in _LONG for target in after)

    async def run(state: RunState, runtime: Runtime[Carrying]) -> Any:
        if state["failed"] or settled(state, node.id) or sleeping(state, node.id):
            return {}
        if not all(settled(state, source) for source in sources):
            return {}
        armed = state["armed"].get(node.id)
        if armed is None and not _alive(node, before, state):
            return Command(update={"skipped": {node.id: True}}, goto=after)
        outcome = await perform(node, state, runtime.context.steps)
        if isinstance(outcome, Armed):
            return {"armed": {node.id: outcome.wait}, "effects": _kept(outcome.effects)}
        if outcome.error and node.critical:
            return {"failed": {node.id: outcome.error}, "trace": [msgspec.to_builtins(outcome.entry)]}
        if outcome.effects and leads_to_long and runtime.control is not None:
            runtime.control.request_drain("what was said goes off first")
        return Command(update=_update(node, outcome), goto=after)

    return run


def _update(node: Node, outcome: Settled) -> Map:
    update: Map = {"outputs": {node.id: outcome.output}, "trace": [msgspec.to_builtins(outcome.entry)]}
    if outcome.effects:
        update["effects"] = _kept(outcome.effects)
    return update


def _kept(effects: tuple[Effect, ...]) -> list[Map]:
    return [msgspec.to_builtins(effect) for effect in effects]


def _alive(node: Node, before: tuple[Link, ...], state: RunState) -> bool:
    """Whether any edge leads here, and the step's own condition holds."""
    if before and not any(_leads(link, state) for link in before):
        return False
    return node.condition is None or holds(node.condition, known(state))


def _leads(link: Link, state: RunState) -> bool:
    if link.source in state["skipped"] and not link.always:
        return False
    if link.condition is None and not link.any_of and not link.unless:
        return True
    names = known(state, link.source)
    return (
        (link.condition is None or holds(link.condition, names))
        and (not link.any_of or any(holds(one, names) for one in link.any_of))
        and not any(holds(one, names) for one in link.unless)
    )
