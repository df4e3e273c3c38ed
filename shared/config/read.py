"""YAML read strictly: what is written is what is meant, and each value keeps its place.

Only `true`, `false`, `null`, whole numbers and decimals are typed; everything else (22:22, no, yes,
+91…) stays text. Anchors, aliases, tags, merge keys, duplicate keys and further documents are refused.
"""

import codecs
import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from shared.config.nodes import Mark, Node, Scalar, Step, spelled
from shared.config.problems import Problem

LARGEST = 256 * 1024
"""Bytes a file may have."""
DEEPEST = 32
MOST_NODES = 20_000
_INT = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][+-]?[0-9]+)?")
_NULL = ("", "~", "null")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Reads YAML as libyaml does, where that is there."""


@dataclass(slots=True)
class Read:
    """A file's tree, None where none could be built, and all that is wrong with it as YAML."""

    root: Node | None
    problems: list[Problem]


def read(source: str | bytes, file: str) -> Read:
    """Read one YAML document whose top is a mapping. Never raises for what the source holds."""
    text, problem = _decode(source, file)
    if problem:
        return Read(None, [problem])
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=LOADER):
            builder.take(event)
            if builder.hopeless:
                break
    except yaml.MarkedYAMLError as error:
        builder.problems.append(_syntax(error, text, file))
        return Read(None, builder.problems)
    return Read(builder.finished(), builder.problems)


def _decode(source: str | bytes, file: str) -> tuple[str, Problem | None]:
    def refuse(found: str, fix: str, line: int = 1, column: int = 1) -> tuple[str, Problem]:
        return "", Problem(file, line, column, ".", found, fix)

    raw = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if len(raw) > LARGEST:
        return refuse(
            f"a file of {len(raw):,} bytes", f"keep it below {LARGEST:,}; put texts into knowledge files"
        )
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in raw[:64]:
        return refuse("no text in UTF-8 (UTF-16, or no text at all)", "save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        return refuse(
            f"the byte 0x{raw[error.start]:02x}, which is no UTF-8", "save it as UTF-8", line, column
        )
    bad = _FORBIDDEN.search(text)
    if bad:
        before_bad = text[: bad.start()]
        line, column = before_bad.count("\n") + 1, len(before_bad) - before_bad.rfind("\n")
        return refuse(f"the control character U+{ord(bad[0]):04X}", "remove it", line, column)
    return text, None


def _syntax(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    opened = "quoted scalar" in (error.context or "") or "flow" in (error.context or "")
    mark = (error.context_mark if opened else None) or error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = text.splitlines() or [""]
    here = lines[min(line, len(lines) - 1)]
    for offset in (0, -1):
        if 0 <= line + offset < len(lines) and "\t" in _indent(lines[line + offset]):
            at = _indent(lines[line + offset]).index("\t") + 1
            return Problem(file, line + offset + 1, at, ".", "a tab in the indentation", "indent with spaces")
    said = ", ".join(part for part in (error.context, error.problem) if part)
    found = f"{here.strip()[:40]!r} cannot be read as YAML ({said})" if here.strip() else f"no YAML ({said})"
    return Problem(file, line + 1, column + 1, ".", found, _syntax_fix(here, said, column))


def _syntax_fix(here: str, said: str, column: int) -> str:
    if "mapping values are not allowed" in said:
        return "put a text that holds a colon in quotes, or indent the line like its neighbours"
    if here[column : column + 1] in tuple("@`%*&!|>"):
        return f"put the text that begins with {here[column]} in quotes"
    if "flow" in said or here.count("[") != here.count("]") or here.count("{") != here.count("}"):
        return "close every bracket, brace and quote that is opened"
    if "quoted scalar" in said:
        return "close the quote that is opened"
    return "indent every key of a mapping alike, write a space after each colon, and close every quote"


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


@dataclass(slots=True)
class _Open:
    """A mapping or list being built."""

    node: Node
    step: Step | None = None  # under which it stands in its parent
    key: str | None = None  # of a mapping: the key that waits for its value
    key_mark: Mark | None = None
    skipped: bool = False  # the key is refused, so its value is built and dropped


@dataclass(slots=True)
class _Builder:
    """Builds the tree from the parser's events, so that depth and anchors are seen before anything grows."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    hopeless: bool = False
    _open: list[_Open] = field(default_factory=list)
    _root: Node | None = None
    _documents: int = 0
    _nodes: int = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._document(event)
            case yaml.AliasEvent():
                self._refuse(event, f"the alias *{event.anchor}", "write the value out; aliases are not read")
                self._place(Node(None, self._mark(event)))
            case yaml.ScalarEvent():
                self._check(event)
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._check(event)
                self._begin(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._open.pop()
            case _:
                pass

    def finished(self) -> Node | None:
        if self.problems and self.hopeless:
            return None
        if self._root is None or (not self._root.map and self._root.value in (None, {})):
            self.problems.append(
                Problem(
                    self.file,
                    1,
                    1,
                    ".",
                    "an empty file",
                    "write tenant: and desk:; `frontdesk new` shows how",
                )
            )
            return None
        if not isinstance(self._root.value, dict):
            self._refuse_at(self._root.mark, "no mapping at the top", "write keys such as tenant: and desk:")
            return None
        return self._root

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(event, "a second document after ---", "keep one desk to a file")
            self.hopeless = True
        if event.version or event.tags:
            self._refuse(event, "a % directive", "remove it")

    def _begin(self, event: "yaml.MappingStartEvent | yaml.SequenceStartEvent") -> None:
        node = Node({} if isinstance(event, yaml.MappingStartEvent) else [], self._mark(event))
        if self._awaits_key():
            self._refuse(event, "a key that is no text", "write a plain word as key")
            self._open[-1].key, self._open[-1].skipped = "", True
            step = None
        else:
            step = self._step()
            self._place(node)
        self._open.append(_Open(node, step))
        if len(self._open) > DEEPEST:
            self._refuse(event, f"more than {DEEPEST} levels", "write it flatter")
            self.hopeless = True

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if self._awaits_key():
            self._take_key(event)
        else:
            self._place(Node(_typed(event), self._mark(event)))

    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].node.value, dict) and self._open[-1].key is None

    def _take_key(self, event: yaml.ScalarEvent) -> None:
        top, mark = self._open[-1], self._mark(event)
        top.key, top.key_mark, top.skipped = event.value, mark, False
        if event.value == "<<":
            self._refuse(event, "the merge key <<", "inherit with extends:, or write the keys out")
            top.skipped = True
        elif event.value in top.node.map:
            first = top.node.map[event.value].place
            self._refuse_at(
                mark,
                f"the key {event.value!r} a second time (first in line {first.line})",
                f"merge lines {first.line} and {mark.line} into one",
                (*self._path()[:-1], event.value),
            )
            top.skipped = True

    def _place(self, node: Node) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES and not self.hopeless:
            self._refuse_at(node.mark, f"more than {MOST_NODES:,} values", "put lists into knowledge files")
            self.hopeless = True
        if not self._open:
            self._root = node
            return
        top = self._open[-1]
        if isinstance(top.node.value, list):
            top.node.value.append(node)
            return
        node.key = top.key_mark
        if not top.skipped and top.key is not None:
            top.node.map[top.key] = node
        top.key = None

    def _check(self, event: "yaml.NodeEvent") -> None:
        if event.anchor:
            self._refuse(event, f"the anchor &{event.anchor}", "remove it; anchors are not read")
        tag = getattr(event, "tag", None)
        if tag and tag != "!":
            self._refuse(event, f"the tag {tag}", "remove it; write the value plainly")

    def _step(self) -> Step | None:
        """Where the next value stands in what is open."""
        top = self._open[-1] if self._open else None
        return len(top.node.items) if top and isinstance(top.node.value, list) else top.key if top else None

    def _path(self) -> tuple[Step, ...]:
        steps = [*(level.step for level in self._open), self._step()]
        return tuple(step for step in steps if step is not None)

    def _refuse(self, event: yaml.Event, found: str, fix: str) -> None:
        self._refuse_at(self._mark(event), found, fix, self._path())

    def _refuse_at(self, mark: Mark, found: str, fix: str, path: tuple[Step, ...] = ()) -> None:
        self.problems.append(Problem(mark.file, mark.line, mark.column, spelled(path), found, fix))

    def _mark(self, event: yaml.Event) -> Mark:
        start: Any = event.start_mark  # every event of a parser has one
        return Mark(self.file, start.line + 1, start.column + 1)


def _typed(event: yaml.ScalarEvent) -> Scalar:
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _NULL:
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text
