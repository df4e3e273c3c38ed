"""Writes a desk's file in the canonical form, so that an old file needs no reader of old forms."""

from typing import Any

import yaml

from shared.config.moves import Moves
from shared.config.nodes import plain
from shared.config.read import read
from shared.config.schema import DeskConfig
from shared.domain.errors import Malformed


def migrate(text: str | bytes, file: str = "desk.yaml") -> str:
    """A file in any accepted spelling as canonical YAML; comments are not carried over.

    Raises Malformed listing what is wrong where it cannot be read.
    """
    found = read(text, file)
    if found.root is None or found.problems:
        raise Malformed("\n".join(map(str, found.problems)))
    moves = Moves(found.root)
    moves.run()
    if moves.problems:
        raise Malformed("\n".join(map(str, moves.problems)))
    return written(plain(found.root))


def written(data: dict[str, Any]) -> str:
    """Plain data as YAML in the order of the schema, long texts as blocks."""
    ordered = {key: data[key] for key in DeskConfig.model_fields if key in data} | data
    return yaml.dump(ordered, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


class _Dumper(yaml.SafeDumper):
    """Writes what `read` reads back the same: lists indented, several lines as a block, no aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the base's signature
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
