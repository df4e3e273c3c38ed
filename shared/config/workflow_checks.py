"""Rules a well-formed workflow may still break: circles, steps nobody reaches, names nobody fills."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from shared.config.agent_checks import no_agent
from shared.config.durations import length
from shared.config.nodes import Node as Tree
from shared.config.nodes import Step, find, nearest, problem
from shared.config.problems import Problem
from shared.config.schema import DeskConfig
from shared.config.workflow_graph import Shape, shape_of
from shared.config.workflow_names import named_by_expression, named_by_words
from shared.config.workflows import Node, Workflow
from shared.domain.runs import LONGEST_WAIT

Path = tuple[Step, ...]
Broken = tuple[Path, str, str]
"""Where, what was found, and what to write."""
_ALWAYS = frozenset({"input", "context", "run", "hooks"})
_THINKING = ("agent", "crew", "set")


def workflow_checks(config: DeskConfig, agents: frozenset[str] | None) -> Iterator[Broken]:
    """What is wrong with the workflows of a desk, at its place in the file; `agents` are those shipped."""
    for name, workflow in config.workflows.items():
        yield from graph_checks(workflow, ("workflows", name))
        yield from part_checks(config, name, workflow, ("workflows", name), agents)


def workflow_notices(config: DeskConfig) -> Iterator[Broken]:
    """What is odd about them, and may be meant."""
    for name, workflow in config.workflows.items():
        yield from unused_outputs(workflow, ("workflows", name))


def at_place(root: Tree, path: Path, found: str, fix: str) -> Problem:
    """What is broken, told at the line that breaks it."""
    return problem(find(root, path) or nearest(root, path)[0], path, found, fix)


def graph_checks(workflow: Workflow, path: Path) -> Iterator[Broken]:
    """What is wrong with a workflow by itself, whatever desk it is for."""
    twice = [id_ for id_, count in Counter(node.id for node in workflow.nodes).items() if count > 1]
    for id_ in twice:
        index = max(index for index, node in enumerate(workflow.nodes) if node.id == id_)
        yield (*path, "nodes", index, "id"), f"the step {id_!r} a second time", "give each its own id"
    shape = shape_of(workflow)
    yield from _edges(workflow, shape, path)
    circle = shape.circle()
    if circle:
        found = f"a circle: {' → '.join(circle)}"
        yield (*path, "edges" if workflow.edges else "nodes"), found, "remove one of these edges"
    for index, node in enumerate(workflow.nodes):
        where = (*path, "nodes", index)
        yield from _names(shape, node, where)
        yield from _undo(shape, node, (*where, "compensate"))
        wait = node.wait
        if wait and (wait.signal or wait.webhook or wait.reply) and not wait.timeout:
            yield (*where, "wait"), "a wait without an end", "write timeout: 24h, or however long it may take"
        for key, sleep in _sleeps(node):
            if length(sleep) > LONGEST_WAIT:
                fix = f"write {LONGEST_WAIT.days}d at most"
                yield (*where, *key), f"{sleep}, which is longer than a run sleeps", fix


def _sleeps(node: Node) -> Iterator[tuple[Path, str]]:
    """Every time that a step may sleep for, and where it stands."""
    if node.wait and node.wait.for_:
        yield ("wait", "for"), node.wait.for_
    if node.wait and node.wait.timeout:
        yield ("wait", "timeout"), node.wait.timeout
    if node.approval:
        yield ("approval", "timeout"), node.approval.timeout


def _edges(workflow: Workflow, shape: Shape, path: Path) -> Iterator[Broken]:
    listed = ", ".join(sorted(shape.nodes))
    for index, edge in enumerate(workflow.edges):
        where = (*path, "edges", index)
        for key, end in (("from", edge.source), ("to", edge.target)):
            if end not in shape.nodes:
                yield (*where, key), f"{end!r}, no step of it", f"write one of {listed}"
        if edge.source in shape.nodes and shape.nodes[edge.source].is_sink:
            yield (*where, "from"), f"an edge from the end {edge.source!r}", "remove it"
        if edge.condition and edge.source in shape.nodes:
            known = shape.ancestors(edge.source) | {edge.source, "output"}
            yield from _unknown(named_by_expression(edge.condition), known, (*where, "condition"))
    if not workflow.edges:
        return
    for index, node in enumerate(workflow.nodes):
        alone = not shape.before[node.id] and not shape.after[node.id]
        if alone and index and not node.is_sink:
            yield (*path, "nodes", index, "id"), f"{node.id!r}, to which no edge leads", "add its edge"
    every = set(shape.nodes)
    for condition in workflow.handover_when:
        yield from _unknown(named_by_expression(condition), every, (*path, "handover_when"))


def _names(shape: Shape, node: Node, where: Path) -> Iterator[Broken]:
    """Names in a step's texts that nothing before it produces."""
    known = shape.ancestors(node.id)
    for path, names in _named(node):
        yield from _unknown(names, known, (*where, *path))


def _undo(shape: Shape, node: Node, where: Path) -> Iterator[Broken]:
    """What is wrong with what undoes a step; it may name what the step itself came to."""
    way, known = node.compensate, shape.ancestors(node.id) | {node.id}
    if way is None:
        return
    if not (way.tool or way.send):
        yield where, "an undo that does nothing", "write tool: and its arguments:, or send:"
    if way.arguments and not way.tool:
        yield (*where, "arguments"), "arguments without a tool", "write tool:, or remove them"
    for path, names in _free(way.arguments, ("arguments",)):
        yield from _unknown(names, known, (*where, *path))
    if way.send and way.send.text:
        yield from _unknown(named_by_words(way.send.text), known, (*where, "send"))


def _unknown(names: set[str], known: set[str], where: Path) -> Iterator[Broken]:
    for name in sorted(names - known - _ALWAYS):
        listed = ", ".join([*sorted(_ALWAYS), *sorted(known)])
        yield where, f"{name!r}, which no earlier step produces", f"write one of {listed}"


def _named(node: Node) -> Iterator[tuple[Path, set[str]]]:
    """Every place of a step that names something, and what it names."""
    if node.condition:
        yield ("condition",), named_by_expression(node.condition)
    for name, expression in (node.set or {}).items():
        yield ("set", name), named_by_expression(expression)
    if node.send and node.send.until:
        yield ("send", "until"), named_by_expression(node.send.until)
    if node.wait and node.wait.until:
        yield ("wait", "until"), named_by_expression(node.wait.until)
    for path, text in _texts(node):
        yield path, named_by_words(text)
    yield from _free(node.arguments, ("arguments",))
    yield from _free(node.config, ("config",))
    if node.finish:
        yield from _free(node.finish, ("finish",))


def _texts(node: Node) -> Iterator[tuple[Path, str]]:
    if node.call:
        yield ("call",), node.call
    if node.send:
        if node.send.text:
            yield ("send",), node.send.text
        yield from ((("send", "parameters", index), text) for index, text in enumerate(node.send.parameters))
    if node.approval:
        yield ("approval", "question"), node.approval.question
    if node.handover:
        yield ("handover", "reason"), node.handover.reason
        if node.handover.reply:
            yield ("handover", "reply"), node.handover.reply
        if node.handover.required_skills:
            yield ("handover", "required_skills"), node.handover.required_skills


def _free(value: Any, path: Path) -> Iterator[tuple[Path, set[str]]]:
    """What texts below a free mapping name; a text that is broken names nothing, and is told elsewhere."""
    if isinstance(value, dict) and set(value) == {"from"} and isinstance(value["from"], str):
        yield (*path, "from"), named_by_expression(value["from"])
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from _free(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _free(child, (*path, index))
    elif isinstance(value, str) and ("{{" in value or "{%" in value):
        yield path, named_by_words(value)


def part_checks(
    config: DeskConfig, name: str, workflow: Workflow, path: Path, shipped: frozenset[str] | None
) -> Iterator[Broken]:
    """Parts of the desk that steps use and it has not; `shipped` None = nobody knows the agents here."""
    known = None if shipped is None else shipped | config.agents.keys()
    for index, node in enumerate(workflow.nodes):
        where: Path = (*path, "nodes", index)
        if node.agent and known is not None and node.agent not in known:
            yield (*where, "agent"), *no_agent(node.agent, known)
        if node.crew and node.crew not in config.crews:
            crews = ", ".join(config.crews) or "none: describe it under crews:"
            yield (*where, "crew"), f"{node.crew!r}, no crew of this file", f"write one of {crews}"
        undoing = node.compensate.tool if node.compensate else None
        for place, tool in (((*where, "tool"), node.tool), ((*where, "compensate", "tool"), undoing)):
            if tool and tool not in config.tools:
                yield place, f"the tool {tool!r}, which the desk has not", "add it under tools:"
        if node.run and (node.run not in config.workflows or node.run == name):
            others = ", ".join(other for other in config.workflows if other != name) or "none"
            yield (*where, "run"), f"{node.run!r}, no other workflow of this file", f"write one of: {others}"


def unused_outputs(workflow: Workflow, path: Path) -> Iterator[Broken]:
    """Steps that work something out which nobody looks at."""
    shape = shape_of(workflow)
    used = {name for node in workflow.nodes for _, names in _named(node) for name in names}
    for link in shape.links:
        for condition in (link.condition, *link.any_of, *link.unless):
            names = named_by_expression(condition) if condition else set()
            used |= names | ({link.source} if "output" in names else set())
    for index, node in enumerate(workflow.nodes):
        if node.kind in _THINKING and shape.after[node.id] and node.id not in used and not _ends(shape, node):
            found = f"the output of {node.id!r}, which no step looks at"
            yield (*path, "nodes", index, "id"), found, f"use {{{{ {node.id}.… }}}} or remove the step"


def _ends(shape: Shape, node: Node) -> bool:
    """Whether only ends follow: what it came to is what the run came to."""
    return all(shape.nodes[target].is_sink for target in shape.after[node.id])
