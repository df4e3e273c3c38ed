"""Conditions are JMESPath booleans over named facts: one grammar, checked before a desk is published."""

import ast
import re
import warnings
from collections.abc import Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from rapidfuzz import process

from shared.config.facts import FACTS

_BOOLEAN_NODES = frozenset({"comparator", "and_expression", "or_expression", "not_expression"})
_BOOLEAN_FUNCTIONS = frozenset({"contains", "starts_with", "ends_with"})
NARROWING = frozenset(
    {
        "subexpression",
        "index_expression",
        "projection",
        "value_projection",
        "filter_projection",
        "flatten",
        "pipe",
    }
)
"""What looks up something in what its first part finds."""
_EMPTY: dict[str, Any] = {name: [] for name, fact in FACTS.items() if fact.kind == "list"} | {
    name: "" for name, fact in FACTS.items() if fact.kind == "text"
}
"""Absent lists and texts, so that functions over them do not fail."""
_PYTHON = re.compile(r"\b(and|or|not|in|is|True|False|None)\b")
_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


def check_condition(text: str) -> str:
    """The condition, unchanged. Raises ValueError saying what is wrong and what to write."""
    try:
        with warnings.catch_warnings(action="error"):  # a literal that is no JSON is deprecated, not refused
            tree: Any = jmespath.compile(text).parsed
    except (JMESPathError, RecursionError, PendingDeprecationWarning) as error:
        raise ValueError(_refusal(text)) from error
    check_negations(text, tree)
    for name in sorted(_roots(tree)):
        if name not in FACTS:
            raise ValueError(f"{name!r} is no fact; {_nearest(name)}")
    if not _is_boolean(tree):
        raise ValueError(f"{text!r} is not true or false; compare it, e.g. sentiment < `0.3`")
    return text


def check_negations(text: str, tree: dict[str, Any]) -> None:
    """Raises ValueError where something is looked up in a negation, as `!a.b` does: it is never there."""
    if _negates_too_little(tree):
        raise ValueError(f"{text!r}, where ! is for its first name alone; write !(…) around what it is for")


def holds(condition: str, facts: Mapping[str, Any]) -> bool:
    """Whether a checked condition is true of `facts`. An absent number makes a comparison false."""
    known = {name: value for name, value in facts.items() if value is not None}
    try:
        return jmespath.search(condition, _EMPTY | known) is True
    except JMESPathError:  # a function over what is not known of a customer
        return False


def names(condition: str) -> set[str]:
    """The facts a checked condition names."""
    tree: Any = jmespath.compile(condition).parsed
    return _roots(tree)


def compared_with(condition: str, fact: str) -> tuple[float, ...]:
    """The numbers a checked condition compares a fact with, in their order."""
    tree: Any = jmespath.compile(condition).parsed
    return tuple(sorted(_compared(tree, fact)))


def _compared(tree: dict[str, Any], fact: str) -> set[float]:
    children = [child for child in tree["children"] if isinstance(child, dict)]
    if tree["type"] == "comparator" and any(one.get("value") == fact for one in children):
        literals = [one["value"] for one in children if one["type"] == "literal"]
        return {float(one) for one in literals if isinstance(one, int | float)}
    return set[float]().union(*(_compared(child, fact) for child in children))


def from_python(text: str) -> str | None:
    """The JMESPath of a Python-like comparison (`a < 3 and not b`), or None where there is none."""
    found = respelled(text)
    try:
        return check_condition(found) if found else None
    except ValueError:
        return None


def respelled(text: str) -> str | None:
    """A Python-like comparison in JMESPath, whatever it names, or None where there is none."""
    try:
        return _write(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _refusal(text: str) -> str:
    written = from_python(text)
    if written:
        kind = "a Python expression" if _PYTHON.search(text) else "no JMESPath"
        return f"{text!r} is {kind}; write {written}"
    return f"{text!r} is no condition; write a JMESPath comparison, e.g. sentiment < `0.3` && !wants_human"


def _negates_too_little(tree: dict[str, Any]) -> bool:
    first = tree["children"][0] if tree["type"] in NARROWING else None
    return (first is not None and first["type"] == "not_expression") or any(
        _negates_too_little(child) for child in tree["children"] if isinstance(child, dict)
    )


def _nearest(name: str) -> str:
    near = process.extractOne(name, list(FACTS), score_cutoff=72)
    return (
        f"write {near[0]}" if near else f"write event == '{name}' if it is one, or a fact: {', '.join(FACTS)}"
    )


def _roots(tree: dict[str, Any]) -> set[str]:
    kind, children = tree["type"], tree["children"]
    if kind == "field":
        return {tree["value"]}
    if kind in ("subexpression", "index_expression"):
        return _roots(children[0])
    return set().union(*(_roots(child) for child in children if isinstance(child, dict)))


def _is_boolean(tree: dict[str, Any]) -> bool:
    kind = tree["type"]
    if kind in _BOOLEAN_NODES:
        return kind in ("comparator", "not_expression") or all(map(_is_boolean, tree["children"]))
    if kind == "field":
        return FACTS[tree["value"]].kind == "flag"
    if kind == "subexpression":
        return True  # what is known of a customer may be a flag
    return kind == "function_expression" and tree["value"] in _BOOLEAN_FUNCTIONS


def _write(node: ast.expr) -> str:  # noqa: PLR0911 - one return per kind of node reads best
    match node:
        case ast.BoolOp(op=op, values=values):
            return (" && " if isinstance(op, ast.And) else " || ").join(_operand(value) for value in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"!{_operand(operand)}"
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            return f"{_write(left)} {_OPERATORS[type(op)]} {_write(right)}"
        case ast.Compare(left=left, ops=[ast.In()], comparators=[right]):
            return f"contains({_write(right)}, {_write(left)})"
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            return f"{_write(value)}.{attribute}"
        case ast.Constant(value=bool() as value):
            return f"`{str(value).lower()}`"
        case ast.Constant(value=str() as value) if "'" not in value:
            return f"'{value}'"
        case ast.Constant(value=int() | float() as value):
            return f"`{value}`"
        case _:
            raise ValueError("not a comparison")


def _operand(node: ast.expr) -> str:
    within = isinstance(node, ast.BoolOp | ast.Attribute)
    return f"({_write(node)})" if within else _write(node)
