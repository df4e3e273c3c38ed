"""What changed between two versions of a desk, or of a workflow, for people who decide on publishing it."""

import difflib
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from shared.config.migrate import written
from shared.config.schema import DeskConfig


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs; None stands for a key that is not there."""

    path: str
    before: Any
    after: Any


def changes(old: BaseModel, new: BaseModel) -> list[Change]:
    """Every value that differs, by path."""
    before, after = (dict(_leaves("", _data(config))) for config in (old, new))
    paths = [*before, *(path for path in after if path not in before)]
    return [
        Change(path, before.get(path), after.get(path))
        for path in paths
        if before.get(path) != after.get(path)
    ]


def diff(old: DeskConfig, new: DeskConfig, *, names: tuple[str, str] = ("before", "after")) -> str:
    """The difference as a unified diff of both in canonical YAML; empty where they are the same."""
    before, after = (written(_data(config)).splitlines(keepends=True) for config in (old, new))
    return "".join(difflib.unified_diff(before, after, *names))


def _data(config: BaseModel) -> dict[str, Any]:
    return config.model_dump(mode="json", exclude_defaults=True)


def _leaves(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        return [
            leaf
            for key, child in value.items()
            for leaf in _leaves(f"{path}.{key}" if path else str(key), child)
        ]
    if isinstance(value, list) and value:
        return [leaf for index, child in enumerate(value) for leaf in _leaves(f"{path}[{index}]", child)]
    return [(path, value)]
