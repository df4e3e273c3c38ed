"""What a door's code may come to do: the names it reaches through the product's functions."""

import ast
from functools import cache
from pathlib import Path

from tests.house.tree import ROOT, parsed

Place = tuple[Path, str]
"""A module and a name at its top."""


NOT_THROUGH = {ROOT / "shared" / "bootstrap.py", ROOT / "shared" / "outbox.py"}
"""Modules that know everybody's work; what passes through them is asked for by others."""


@cache
def _defined(path: Path) -> dict[str, ast.stmt]:
    """What a module defines at its top, by name."""
    found: dict[str, ast.stmt] = {}
    for node in parsed(path).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    return found


@cache
def _imported(path: Path) -> dict[str, tuple[Path, str]]:
    """Where names come from that a module imports from the product; the name is empty for a module."""
    found = {}
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shared"):
            for alias in node.names:
                place = ROOT / node.module.replace(".", "/")
                module = place / f"{alias.name}.py"
                name = "" if module.exists() else alias.name
                found[alias.asname or alias.name] = (
                    module if module.exists() else place.with_suffix(".py"),
                    name,
                )
    return found


@cache
def _leads(path: Path, name: str) -> frozenset[Place]:
    """What one definition mentions."""
    node = _defined(path).get(name)
    found = set()
    for each in ast.walk(node) if node else ():
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            module, part = _imported(path).get(each.value.id, (None, "-"))
            if module and not part:
                found.add((module, each.attr))
        elif isinstance(each, ast.Name):
            if each.id in _defined(path):
                found.add((path, each.id))
            elif each.id in _imported(path):
                found.add(_imported(path)[each.id])
    return frozenset(place for place in found if place[1])


def reached(*starts: Place) -> set[str]:
    """Every name that is mentioned on the way from the starts."""
    seen: set[Place] = set()
    ahead = list(starts)
    while ahead:
        place = ahead.pop()
        if place not in seen and place[0].exists():
            seen.add(place)
            if place[0] not in NOT_THROUGH:
                ahead += _leads(*place)
    return {name for _, name in seen}
