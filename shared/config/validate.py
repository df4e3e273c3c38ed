"""From a file's text to a desk that may run, or to every reason why it may not, in one pass."""

import json
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from shared.config.actions import action_findings
from shared.config.availability import Missing, missing_parts, model_findings
from shared.config.catalogue import Catalogue
from shared.config.checks import desk_checks, written_checks
from shared.config.clear_secrets import clear_secrets, unknown_secrets
from shared.config.moves import Moves
from shared.config.nodes import Node, find, grown, merged, notice, plain, problem
from shared.config.problems import Notice, Problem, in_order
from shared.config.read import read
from shared.config.schema import DeskConfig
from shared.config.schema_problems import schema_problems
from shared.config.speech_vendors import speech_findings
from shared.config.tool_arguments import argument_checks
from shared.config.workflow_checks import at_place, workflow_notices
from shared.config.workflow_file import moved
from shared.domain.errors import Permanent

Reader = Callable[[str], bytes | None]
"""Reads a file beside the desk's; its path is `file`'s folder joined with what the file says.

None where there is none; raises OtherBusiness where the text may not have it.
"""
MOST_BASES = 5
LARGEST_KNOWLEDGE = 900_000
"""Bytes a knowledge file may have, so that it fits a document."""
TEMPLATES = "bases/workflows"
"""Where workflows that come along stand, in the folder of the desks' files."""
_KNOWLEDGE = (".md", ".txt", ".csv")
_Model = TypeVar("_Model", bound=BaseModel)
_REALTIME = re.compile(r"realtime|\blive\b|native-audio")


class OtherBusiness(Permanent):
    """A file of another business's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """What a file came to. `config` is None exactly where there are problems."""

    config: DeskConfig | None
    problems: tuple[Problem, ...] = ()
    notices: tuple[Notice, ...] = ()
    missing: tuple[Missing, ...] = ()
    knowledge: dict[str, bytes] = field(default_factory=dict)  # path as the desk names it -> content


def validate(
    text: str | bytes,
    catalogue: Catalogue | None = None,
    *,
    file: str = "desk.yaml",
    base_reader: Reader | None = None,
) -> Validated:
    """Read, move, inherit and check one desk's file. Never raises for what the file holds."""
    return _Validation(catalogue or Catalogue(), file, base_reader).run(text)


@dataclass(slots=True)
class _Validation:
    catalogue: Catalogue
    file: str
    reader: Reader | None
    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def run(self, text: str | bytes) -> Validated:
        root = self._tree(text, self.file, (self.file,))
        if root is None:
            return Validated(config=None, problems=in_order(self.problems))
        self._choose_voice_mode(root)
        self.problems += clear_secrets(root)
        self.problems += unknown_secrets(root, self.catalogue.secrets)
        self.problems += written_checks(root)
        config = self._check(root, DeskConfig, ())
        self._settings(root)
        knowledge = self._knowledge(root)
        missing: list[Missing] = []
        if config:
            self.problems += desk_checks(root, config, self.catalogue.agents)
            for path, wrong, fix in argument_checks(config, self.catalogue.arguments):
                self.problems.append(at_place(root, path, wrong, fix))
            for path, odd, fix in workflow_notices(config):
                self.notices.append(notice(find(root, path) or root, path, odd, fix))
            for part, told in missing_parts(root, config, self.catalogue):
                missing.append(part)
                self.notices.append(told)
            self.notices += speech_findings(root, config, self.catalogue)
            self.notices += action_findings(root, config)
            for finding in model_findings(root, config, self.catalogue):
                if isinstance(finding, Notice):
                    self.notices.append(finding)
                else:
                    self.problems.append(finding)
        return Validated(
            config=None if self.problems else config,
            problems=in_order(self.problems),
            notices=tuple(sorted(set(self.notices))),
            missing=tuple(missing),
            knowledge=knowledge,
        )

    def _tree(self, text: str | bytes, file: str, line: tuple[str, ...]) -> Node | None:
        """The file's tree over its base's."""
        found = read(text, file)
        self.problems += found.problems
        if found.root is None:
            return None
        moves = Moves(found.root)
        moves.run()
        self.notices += moves.notices
        self.problems += moves.problems
        self._workflow_templates(found.root)
        extends = found.root.map.get("extends")
        base = self._base(extends, line) if extends else None
        return merged(base, found.root) if base else found.root

    def _base(self, extends: Node, line: tuple[str, ...]) -> Node | None:
        name = extends.text
        if not name:
            return None  # the schema refuses it
        path = posixpath.normpath(posixpath.join(posixpath.dirname(line[-1]), name))
        content, why = self._file(path) if path not in line else (None, "")
        if path in line:
            refusal = (f"a circle: {' → '.join((*line, path))}", "let one of them inherit from nobody")
        elif len(line) > MOST_BASES:
            refusal = (f"more than {MOST_BASES} files in a row", "inherit from fewer")
        elif content is None:
            refusal = (f"the file {name!r}, {why}", "write a path relative to this file")
        else:
            base = self._tree(content, path, (*line, path))
            if base:
                base.map.pop("extends", None)
                _relocate_knowledge(base, posixpath.dirname(path), posixpath.dirname(line[-1]))
            return base
        self.problems.append(problem(extends, ("extends",), *refusal))
        return None

    def _workflow_templates(self, root: Node) -> None:
        """Workflows that use one that comes along: theirs over its, and older keys where they stand now."""
        workflows = root.map.get("workflows")
        for name, own in workflows.map.items() if workflows else ():
            self.problems += moved(own)
            template = own.map.get("template")
            if template is None or not template.text:
                continue
            path = f"{TEMPLATES}/{template.text}.yaml"
            content, why = self._file(path)
            shipped = read(content, path) if content is not None else None
            if shipped is None or shipped.root is None:
                told = why if shipped is None else "which is no YAML"
                where = ("workflows", name, "template")
                found = f"the workflow {template.text!r}, {told}"
                self.problems.append(problem(template, where, found, f"use one of {TEMPLATES}/"))
                continue
            self.problems += [*shipped.problems, *moved(shipped.root)]
            whole = merged(shipped.root, own)
            own.value = whole.value

    def _file(self, path: str) -> tuple[bytes | None, str]:
        """What a file holds, or None and why not."""
        try:
            return self.reader(path) if self.reader else None, "which is not there"
        except OtherBusiness:
            return None, "which is another business's"

    def _choose_voice_mode(self, root: Node) -> None:
        """A realtime model under voice.llm means realtime mode, where the file names none."""
        voice, model = root.map.get("voice"), find(root, ("voice", "llm", "model"))
        if not voice or not model or not model.text or "mode" in voice.map:
            return
        known = (self.catalogue.models or {}).get(model.text)
        if known.realtime if known else _REALTIME.search(model.text):
            voice.map["mode"] = grown("realtime", model)
            self.notices.append(
                notice(
                    model, ("voice", "mode"), f"the realtime model {model.text!r}", "read as mode: realtime"
                )
            )

    def _settings(self, root: Node) -> None:
        """Settings of tools and integrations against the models of the parts themselves."""
        for group, models in (("tools", self.catalogue.tools), ("integrations", self.catalogue.integrations)):
            block = root.map.get(group)
            for name, entry in block.map.items() if block else ():
                model = (models or {}).get(name)
                on = "enabled" not in entry.map or entry.map["enabled"].value is True
                if model and (on or "settings" in entry.map):
                    self._check(root, model, (group, name, "settings"))

    def _check(self, root: Node, model: type[_Model], path: tuple[str, ...]) -> _Model | None:
        """What stands at `path` as the model, or None and its problems."""
        node = find(root, path)
        try:
            # JSON, strict: a list may be a tuple, and nothing is coerced.
            return model.model_validate_json(json.dumps(plain(node) if node else {}), strict=True)
        except ValidationError as error:
            self.problems += schema_problems(root, error, model, path)
            return None

    def _knowledge(self, root: Node) -> dict[str, bytes]:
        files = find(root, ("knowledge", "files"))
        found: dict[str, bytes] = {}
        for index, item in enumerate(files.items if files else ()):
            if not item.text or self.reader is None:
                continue
            path = posixpath.normpath(posixpath.join(posixpath.dirname(self.file), item.text))
            content, why = self._file(path)
            refusal = _unusable(item.text, content, why)
            if refusal:
                self.problems.append(problem(item, ("knowledge", "files", index), *refusal))
            elif content is not None:
                found[item.text] = content
        return found


def _unusable(name: str, content: bytes | None, why: str) -> tuple[str, str] | None:
    if not name.lower().endswith(_KNOWLEDGE):
        return f"the file {name!r}, which is of no readable kind", f"use one of {', '.join(_KNOWLEDGE)}"
    if content is None:
        return f"the file {name!r}, {why}", "write a path relative to the desk's file"
    if len(content) > LARGEST_KNOWLEDGE:
        return f"a file of {len(content):,} bytes", f"split it into files below {LARGEST_KNOWLEDGE:,}"
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return f"the file {name!r}, which is no UTF-8", "save it as UTF-8"
    return None


def _relocate_knowledge(base: Node, from_folder: str, to_folder: str) -> None:
    """Paths in a base are relative to the base; seen from the desk they are others."""
    files = find(base, ("knowledge", "files"))
    for item in files.items if files else ():
        if item.text:
            item.value = posixpath.relpath(posixpath.join(from_folder or ".", item.text), to_folder or ".")
