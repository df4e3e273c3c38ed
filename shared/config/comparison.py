"""Two versions of a desk, or of a workflow, side by side: what differs, for people who decide."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.config.difference import Change, changes
from shared.config.migrate import written
from shared.config.version_documents import Version
from shared.config.workflows import Workflow

AROUND = 3
"""Lines shown around one that differs."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of either text; `gap` stands for those left out."""

    kind: Literal["same", "gone", "new", "gap"]
    before: int | None = None  # its number there, from 1
    after: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """A knowledge file that differs."""

    path: str
    kind: Literal["gone", "new", "changed"]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What differs between two versions; `values` are empty where one of them never could run."""

    values: tuple[Change, ...]
    lines: tuple[Line, ...]
    files: tuple[FileChange, ...]

    @property
    def same(self) -> bool:
        """Whether both do, say and know the same."""
        return not (self.values or self.lines or self.files)


def compare(
    old: Version, new: Version, before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> Comparison:
    """What makes `new` another desk than `old`; `before` and `after` hold the knowledge of both."""
    values = changes(old.config, new.config) if old.config and new.config else []
    paths = sorted({*old.knowledge, *new.knowledge})
    differing = [path for path in paths if old.knowledge.get(path) != new.knowledge.get(path)]
    return Comparison(
        values=tuple(values),
        lines=lines_between(old.text, new.text),
        files=tuple(
            FileChange(
                path=path,
                kind="new"
                if path not in old.knowledge
                else "gone"
                if path not in new.knowledge
                else "changed",
                lines=lines_between(_words(before.get(path)), _words(after.get(path))),
            )
            for path in differing
        ),
    )


def compare_workflows(old: Workflow, new: Workflow) -> Comparison:
    """What makes `new` another workflow than `old`."""
    before, after = (written(one.model_dump(mode="json", exclude_defaults=True)) for one in (old, new))
    return Comparison(values=tuple(changes(old, new)), lines=lines_between(before, after), files=())


def lines_between(old: str, new: str) -> tuple[Line, ...]:
    """The lines that differ with a few around them; none where the texts are the same."""
    before, after = old.splitlines(), new.splitlines()
    found: list[Line] = []
    for group in difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(AROUND):
        if found or group[0][1] or group[0][3]:
            found.append(Line("gap"))
        for opcode in group:
            found += _lines(opcode, before, after)
    if (
        found
        and (found[-1].before != len(before) or found[-1].after != len(after))
        and found[-1].kind == "same"
    ):
        found.append(Line("gap"))
    return tuple(found)


def _lines(opcode: tuple[str, int, int, int, int], before: Sequence[str], after: Sequence[str]) -> list[Line]:
    tag, first, last, start, end = opcode
    if tag == "equal":
        return [
            Line("same", first + at + 1, start + at + 1, text) for at, text in enumerate(before[first:last])
        ]
    gone = [Line("gone", at + 1, None, before[at]) for at in range(first, last)]
    return gone + [Line("new", None, at + 1, after[at]) for at in range(start, end)]


def _words(content: bytes | None) -> str:
    return content.decode("utf-8", "replace") if content else ""
