"""Changes one value of a YAML text where it stands, so that an author's comments and order stay."""

import json
from collections.abc import Sequence
from typing import Any

import yaml

from shared.config.migrate import written
from shared.config.read import LOADER


def with_item(text: str, path: Sequence[str], item: str, whole: Sequence[str]) -> str:
    """The text with `item` at the end of the list at `path`; `whole` is that list, for where none is written.

    Gives the text as it was where this cannot be done in place: whoever calls looks what it came to.
    """
    found, rest = _nearest(text, path)
    if rest or not isinstance(found, yaml.SequenceNode) or not found.value:
        return with_value(text, path, list(whole))
    last = found.value[-1]
    if found.flow_style:
        return _inserted(text, last.end_mark.index, f", {_flow(item)}")
    line = f"{' ' * found.start_mark.column}- {_flow(item)}\n"
    return _inserted_below(text, last, line)


def with_value(text: str, path: Sequence[str], value: object) -> str:
    """The text with `value` at `path`, in place of what is there or as a new key; else as `with_item`."""
    found, rest = _nearest(text, path)
    if found is None:
        return text
    if not rest:
        return _replaced(text, found, value)
    if not isinstance(found, yaml.MappingNode):
        return text
    for step in reversed(rest[1:]):
        value = {step: value}
    if found.flow_style:
        lead = ", " if found.value else ""
        return _inserted(text, found.end_mark.index - 1, f"{lead}{rest[0]}: {_flow(value)}")
    key, last = found.value[-1]
    indent = " " * key.start_mark.column
    lines = written({rest[0]: value}).splitlines()
    return _inserted_below(text, last, "".join(f"{indent}{line}\n" for line in lines))


def _nearest(text: str, path: Sequence[str]) -> tuple[Any, Sequence[str]]:
    """The deepest node on the path, None for a text that is no YAML, and what of the path is not there."""
    try:
        node: Any = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError:
        return None, path
    for index, step in enumerate(path):
        entries = node.value if isinstance(node, yaml.MappingNode) else ()
        below = next((value for key, value in entries if key.value == step), None)
        if below is None:
            return node, path[index:]
        node = below
    return node, ()


def _replaced(text: str, node: Any, value: object) -> str:
    """The text with another value at a node that is written in one place; a block stays as it is."""
    is_block = node.style in ("|", ">") if isinstance(node, yaml.ScalarNode) else not node.flow_style
    if is_block:
        return text
    end = node.end_mark.index
    lead = " " if end and text[end - 1] == ":" else ""  # a key without a value
    return text[: node.start_mark.index] + lead + _flow(value) + text[end:]


def _inserted_below(text: str, node: Any, lines: str) -> str:
    """The text with whole lines after the last one of a node."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    end = node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):  # it ends where the next thing begins
        end = len(text[:end].rstrip())
    newline = text.find("\n", end)
    if newline < 0:
        return f"{text}\n{lines}"
    return _inserted(text, newline + 1, lines)


def _inserted(text: str, at: int, words: str) -> str:
    return text[:at] + words + text[at:]


def _flow(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
