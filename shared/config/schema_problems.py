"""What the schema refuses, told at the author's own line with the words to write instead."""

import re
import types
from collections.abc import Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process

from shared.config.clear_secrets import shown
from shared.config.nodes import Node, Step, nearest, spelled
from shared.config.problems import Problem

_EXPECTED = {
    "bool_type": "write true or false, without quotes",
    "int_type": "write a whole number, without quotes",
    "float_type": "write a number, without quotes",
    "model_type": "write a mapping: its keys below, indented",
    "dict_type": "write a mapping: its keys below, indented",
    "tuple_type": "write a list: one `- ` line each, or [a, b]",
    "list_type": "write a list: one `- ` line each, or [a, b]",
}
_LIMITS = {
    "greater_than_equal": "write {ge} or more",
    "greater_than": "write more than {gt}",
    "less_than_equal": "write {le} or less",
    "less_than": "write less than {lt}",
    "string_too_long": "write at most {max_length} characters",
    "string_too_short": "write some text, or remove the key",
    "too_long": "keep at most {max_length}",
    "too_short": "write at least {min_length}",
}
_FORMS = {
    r"^[a-z0-9][a-z0-9_-]{0,62}$": "my-name: small letters, digits, - and _",
    r"^[a-z][a-z0-9_]{0,62}$": "my_action: small letters, digits and _",
    r"^[^\r\n]*$": "of one line",
    r"^https?://[^\s]+$": "https://example.com/page",
    r"^[1-9]\d{0,4}[smhd]$": "30s, 5m, 1h or 7d",
    r"^\d{1,2}-\d{1,2}$": '"1-5"',
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$": "name@example.com",
}
"""The schema's patterns in words."""


def schema_problems(
    root: Node, error: ValidationError, model: type[BaseModel], prefix: Sequence[Step] = ()
) -> list[Problem]:
    """A problem for each error pydantic found in the tree; `prefix` is where the model's data begins."""
    details = error.errors(include_url=False)
    return [_problem(root, one, model, tuple(prefix)) for one in details if not _follows(one, details)]


def _follows(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Whether a list is too short only because an item of it was refused."""
    location = detail["loc"]
    below = (one["loc"] for one in details if one is not detail)
    return detail["type"] == "too_short" and any(other[: len(location)] == location for other in below)


def _problem(root: Node, detail: ErrorDetails, model: type[BaseModel], prefix: tuple[Step, ...]) -> Problem:
    kind = detail["type"]
    location = tuple(step for step in detail["loc"] if step != "[key]")
    node, rest = nearest(root, prefix + location)
    path = (
        prefix + location if kind == "missing" else (prefix + location)[: len(prefix + location) - len(rest)]
    )
    found, fix = _words(detail, node, location, _annotation(model, location[:-1]))
    mark = node.place if kind in ("extra_forbidden", "missing") or node.map or node.items else node.mark
    return Problem(mark.file, mark.line, mark.column, spelled(path), found, fix)


def _words(detail: ErrorDetails, node: Node, location: tuple[Step, ...], owner: Any) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    last = str(location[-1]) if location else ""
    meaning = _meaning(owner, last)
    if kind == "extra_forbidden":
        return f"the unknown key {last!r}", _nearest_key(last, owner)
    if kind == "missing":
        return f"no {last}", f"write {last}: …{meaning}"
    if kind == "value_error":
        found, _, fix = str(context.get("error", detail["msg"])).rpartition("; ")
        return found or "something else", fix
    if kind == "literal_error":
        return _plain_found(node, last), _nearest_value(node, str(context.get("expected", "")))
    if kind == "string_type":
        return _plain_found(node, last), _as_text(node)
    found = (
        f"{context['actual_length']} entries"
        if kind in ("too_short", "too_long")
        else _plain_found(node, last)
    )
    return found, _EXPECTED.get(kind) or _by_limit(kind, detail, meaning)


def _plain_found(node: Node, key: str) -> str:
    names = {dict: "a mapping", list: "a list", type(None): "nothing"}
    kinds = {str: "the text ", int: "the number ", float: "the number "}
    return names.get(type(node.value)) or f"{kinds.get(type(node.value), '')}{shown(node, key)}"


def _as_text(node: Node) -> str:
    if node.map or node.items or isinstance(node.value, dict | list):
        return "write one text"
    if node.value is None:
        return "write a text (quoted where it begins with #), or remove the key"
    value = str(node.value).lower() if isinstance(node.value, bool) else node.value
    return f'put it in quotes: "{value}"'


def _by_limit(kind: str, detail: ErrorDetails, meaning: str) -> str:
    context = detail.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return f"write it in the form {_FORMS.get(context['pattern'], context['pattern'])}{meaning}"
    if kind in _LIMITS:
        return _LIMITS[kind].format(**context)
    return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}{meaning}"


def _nearest_key(key: str, owner: Any) -> str:
    if not (isinstance(owner, type) and issubclass(owner, BaseModel)):
        return "remove it"
    names = [field.alias or name for name, field in owner.model_fields.items()]
    near = process.extractOne(key, names, score_cutoff=60)
    return f"write {near[0]}, or remove it" if near else f"remove it; known here: {', '.join(names)}"


def _nearest_value(node: Node, expected: str) -> str:
    choices = re.findall(r"'([^']*)'", expected)
    near = process.extractOne(str(node.value), choices, score_cutoff=72) if choices else None
    quoted = [f'"{choice}"' if re.fullmatch(r"[\d.]+", choice) else choice for choice in choices]
    listed = quoted[0] if len(quoted) == 1 else f"one of {', '.join(quoted)}"
    return f"write {near[0]} ({listed})" if near and len(quoted) > 1 else f"write {listed}"


def _meaning(owner: Any, key: str) -> str:
    if isinstance(owner, type) and issubclass(owner, BaseModel):
        for name, field in owner.model_fields.items():
            if key in (name, field.alias) and field.description:
                return f" ({field.description.rstrip('.')})"
    return ""


def _annotation(model: Any, location: Sequence[Step]) -> Any:
    """The type at a location of a model, or None where it leads nowhere."""
    here: Any = model
    for step in location:
        here = _step(_bare(here), step)
    return _bare(here)


def _step(here: Any, step: Step) -> Any:
    if isinstance(here, type) and issubclass(here, BaseModel):
        for name, field in here.model_fields.items():
            if step in (name, field.alias):
                return field.annotation
        return None
    arguments = get_args(here)
    if get_origin(here) is dict and len(arguments) == 2:
        return arguments[1]
    return arguments[0] if get_origin(here) in (tuple, list) and arguments else None


def _bare(annotation: Any) -> Any:
    """An annotation without Optional and Annotated."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            inner = [part for part in get_args(annotation) if part is not type(None)]
            if len(inner) != 1:
                return annotation
            annotation = inner[0]
        else:
            return annotation
