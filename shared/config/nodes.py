"""A desk's file as a tree that remembers where each value stands, through moves and inheritance alike."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shared.config.problems import Notice, Problem

Scalar = str | int | float | bool | None
Step = str | int


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file, both counted from 1."""

    file: str
    line: int
    column: int


@dataclass(slots=True)
class Node:
    """A value and its place; `key` is where its key stands, for a value of a mapping."""

    value: "Scalar | list[Node] | dict[str, Node]"
    mark: Mark
    key: Mark | None = None

    @property
    def place(self) -> Mark:
        """Where to point at: the key if there is one."""
        return self.key or self.mark

    @property
    def map(self) -> "dict[str, Node]":
        """The entries of a mapping; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> "list[Node]":
        """The items of a list; empty for anything else."""
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str | None:
        """The text, where it is text."""
        return self.value if isinstance(self.value, str) else None


def plain(node: Node) -> Any:
    """The value without its places."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def grown(value: Any, like: Node) -> Node:
    """A tree of plain data, or of nodes among it, standing where `like` stands."""
    if isinstance(value, Node):
        return value
    if isinstance(value, dict):
        value = {key: grown(child, like) for key, child in value.items()}
        return Node({key: _keyed(child, like) for key, child in value.items()}, like.mark, like.key)
    if isinstance(value, list | tuple):
        return Node([grown(child, like) for child in value], like.mark, like.key)
    return Node(value, like.mark, like.key)


def find(node: Node, path: Sequence[Step]) -> Node | None:
    """The node at a path, or None."""
    found, rest = nearest(node, path)
    return None if rest else found


def nearest(node: Node, path: Sequence[Step]) -> tuple[Node, Sequence[Step]]:
    """The deepest node there is on a path, and what of the path is not there."""
    for index, step in enumerate(path):
        value = node.value
        if isinstance(value, dict) and str(step) in value:
            node = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            node = value[step]
        else:
            return node, path[index:]
    return node, ()


def walk(node: Node, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], Node]]:
    """Every node below, with its path, parents first."""
    yield path, node
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from walk(child, (*path, key))
    elif isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from walk(child, (*path, index))


def matching(root: Node, pattern: str) -> list[tuple[tuple[Step, ...], Node]]:
    """The nodes a dotted pattern names, `*` for any key or item: `behavior.surveys.questions.*.id`."""
    found: list[tuple[tuple[Step, ...], Node]] = [((), root)]
    for step in pattern.split("."):
        found = [((*path, key), child) for path, node in found for key, child in _children(node, step)]
    return found


def merged(base: Node, own: Node) -> Node:
    """`own` over `base`: mappings merge, anything else replaces."""
    if not isinstance(base.value, dict) or not isinstance(own.value, dict):
        return own
    value = dict(base.value)
    for key, child in own.value.items():
        value[key] = merged(value[key], child) if key in value else child
    return Node(value, own.mark, own.key)


def spelled(path: Sequence[Step]) -> str:
    """A path as people read it: `tools[0].name`; `.` for the whole file."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "."


def problem(node: Node, path: Sequence[Step], found: str, fix: str) -> Problem:
    """A problem at a node: at its key where it has one."""
    return Problem(node.place.file, node.place.line, node.place.column, spelled(path), found, fix)


def notice(node: Node, path: Sequence[Step], found: str, fix: str) -> Notice:
    """A notice at a node."""
    return Notice(node.place.file, node.place.line, node.place.column, spelled(path), found, fix)


def _keyed(child: Node, like: Node) -> Node:
    return child if child.key else Node(child.value, child.mark, like.place)


def _children(node: Node, step: str) -> Sequence[tuple[Step, Node]]:
    if step == "*":
        return [*node.map.items(), *enumerate(node.items)]
    return [(step, node.map[step])] if step in node.map else []


Report = Callable[[Problem], None]
