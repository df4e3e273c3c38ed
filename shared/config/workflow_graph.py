"""A workflow's edges as they are: those it writes, the list's order where it writes none, and its sinks'."""

from dataclasses import dataclass
from itertools import pairwise

from shared.config.workflows import Node, Workflow


@dataclass(frozen=True, slots=True)
class Link:
    """From one step to the next, where its condition holds, one of `any_of` does and none of `unless`."""

    source: str
    target: str
    condition: str | None = None
    any_of: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    always: bool = False  # also where the step before was skipped


@dataclass(frozen=True, slots=True)
class Shape:
    """A workflow as a graph: its steps by id, and who follows whom."""

    nodes: dict[str, Node]
    links: tuple[Link, ...]
    before: dict[str, tuple[Link, ...]]  # the links that lead to a step
    after: dict[str, tuple[str, ...]]  # the steps behind one

    @property
    def first(self) -> tuple[str, ...]:
        """The steps nothing leads to."""
        return tuple(id_ for id_ in self.nodes if not self.before[id_])

    def ancestors(self, node: str) -> set[str]:
        """Every step that may have been done when this one begins."""
        found: set[str] = set()
        open_ = [node]
        while open_:
            for link in self.before[open_.pop()]:
                if link.source not in found:
                    found.add(link.source)
                    open_.append(link.source)
        return found

    def circle(self) -> tuple[str, ...]:
        """Steps that lead to each other, in order; empty where there is no circle."""
        left = {id_: {link.source for link in self.before[id_]} for id_ in self.nodes}
        while ready := [id_ for id_, sources in left.items() if not sources & left.keys()]:
            for id_ in ready:
                del left[id_]
        if not left:
            return ()
        walked = [next(iter(left))]
        while (source := min(left[walked[-1]] & left.keys())) not in walked:
            walked.append(source)
        return (source, *reversed(walked[walked.index(source) :]))


def shape_of(workflow: Workflow) -> Shape:
    """The graph of a workflow; edges that name no step are left out.

    Sinks that nothing leads to stand behind every last step: the handover where one of `handover_when`
    holds or a step asked for a person, else the finish.
    """
    nodes = {node.id: node for node in workflow.nodes}
    links = _links(workflow, nodes)
    return Shape(
        nodes=nodes,
        links=links,
        before={id_: tuple(link for link in links if link.target == id_) for id_ in nodes},
        after={
            id_: tuple(dict.fromkeys(link.target for link in links if link.source == id_)) for id_ in nodes
        },
    )


def _links(workflow: Workflow, nodes: dict[str, Node]) -> tuple[Link, ...]:
    steps = [id_ for id_, node in nodes.items() if not node.is_sink]
    links = [
        Link(edge.source, edge.target, edge.condition)
        for edge in workflow.edges
        if edge.source in nodes and edge.target in nodes
    ]
    if not workflow.edges:
        links = [Link(source, target) for source, target in pairwise(steps)]
    led_to = {link.target for link in links}
    leading = {link.source for link in links}
    people = [id_ for id_, node in nodes.items() if node.handover is not None and id_ not in led_to]
    ends = [id_ for id_, node in nodes.items() if node.finish is not None and id_ not in led_to]
    when = (*workflow.handover_when, "run.handover") if people else ()
    for leaf in (id_ for id_ in steps if id_ not in leading):
        links += [Link(leaf, target, any_of=when, always=True) for target in people]
        links += [Link(leaf, target, unless=when, always=True) for target in ends]
    return tuple(links)
