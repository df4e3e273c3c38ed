"""A proposed fix as the text and knowledge of a new version, judged as any desk's file is."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from shared.config.amend_text import with_item, with_value
from shared.config.catalogue import Catalogue
from shared.config.migrate import written
from shared.config.problems import Problem
from shared.config.schema import DeskConfig
from shared.config.validate import Reader, Validated, validate
from shared.config.version_documents import Version
from shared.domain.errors import Permanent
from shared.domain.proposals import Fix

_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A text that may become a version, and what it came to."""

    text: str
    file: str
    validated: Validated
    base: int  # the version it was made from
    in_place: bool = (
        True  # the text is its base's with one thing changed; else written anew, without comments
    )

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why it cannot run; none where it can."""
        return self.validated.problems


def draft_of(
    version: Version, fix: Fix, knowledge: Mapping[str, bytes], catalogue: Catalogue, bases: Reader
) -> Draft:
    """The version with the fix; `knowledge` is what it knows now, `bases` reads what its text inherits from.

    Raises Permanent for a fix that says nothing, or a key no desk's file has.
    """
    if version.config is None:
        raise Permanent(f"version {version.number} of the desk {version.desk!r} never ran; mend it first")
    _check(fix)
    files = dict(knowledge)
    if fix.kind == "knowledge":
        name = learned_file(version.desk)
        files[name] = with_entry(files.get(name, b""), fix.title, fix.text)
    path, value = _change(version.config, version.desk, fix)
    file = file_of(version)
    reader = beside(file, files, bases)
    text, wanted = version.text, _wanted(version.config, path, value)
    if wanted != _data(version.config):
        is_list = isinstance(value, list)
        text = with_item(text, path, value[-1], value) if is_list else with_value(text, path, value)
    judged = judge(text, version, catalogue, reader)
    set_in_place = fix.kind == "setting" and text != version.text  # a value may be read into another form
    if set_in_place or judged.config is None or _data(judged.config) == wanted:
        return Draft(text=text, file=file, validated=judged, base=version.number)
    plain = written({key: value for key, value in wanted.items() if key != "extends"})
    judged = judge(plain, version, catalogue, reader)
    return Draft(text=plain, file=file, validated=judged, base=version.number, in_place=False)


def judge(text: str, version: Version, catalogue: Catalogue, reader: Reader) -> Validated:
    """What a text in place of a version's comes to. It stays that desk: data hangs on the ids."""
    judged = validate(text, catalogue, file=file_of(version), base_reader=reader)
    config = judged.config
    if config is None or (config.tenant.id, config.desk.id) == (version.tenant, version.desk):
        return judged
    found = f"the desk {config.desk.id!r} of the business {config.tenant.id!r}"
    fix = f"write desk.id: {version.desk} and tenant.id: {version.tenant}, which never change"
    return replace(judged, config=None, problems=(Problem(file_of(version), 1, 1, "desk.id", found, fix),))


def file_of(version: Version) -> str:
    """Where a version's text stands, or would stand, among the desks' files."""
    return version.file or f"{version.tenant}/{version.desk}.yaml"


def beside(file: str, knowledge: Mapping[str, bytes], bases: Reader) -> Reader:
    """Reads what a desk's file names: the knowledge at hand first, then `bases`."""
    place = posixpath.dirname(file)
    held = {posixpath.normpath(posixpath.join(place, name)): body for name, body in knowledge.items()}
    return lambda path: held[path] if path in held else bases(path)


def learned_file(desk: str) -> str:
    """The knowledge file that holds what a desk learned, beside its own file."""
    return f"knowledge/learned-{desk}.md"


def with_entry(content: bytes, question: str, answer: str) -> bytes:
    """A file of learned answers with this one; it takes the place of one to the same question."""
    heading = " ".join(question.split()).lstrip("# ")
    sections = re.split(r"(?m)^(?=## )", content.decode("utf-8", "replace"))
    kept = [one for one in sections if one.partition("\n")[0] != f"## {heading}"]
    before = "".join(kept).rstrip() or "# Learned from conversations with people"
    words = re.sub(r"(?m)^#+\s*", "", answer.strip())
    return f"{before}\n\n## {heading}\n\n{words}\n".encode()


def _check(fix: Fix) -> None:
    if not fix.text.strip():
        raise Permanent("the fix says nothing; write the answer, the rule or the value")
    if fix.kind == "knowledge" and not fix.title.strip():
        raise Permanent("the answer has no question; write what a customer asks")
    if fix.kind == "setting" and not _KEY.fullmatch(fix.title.strip()):
        raise Permanent(f"{fix.title!r} is no key of a desk's file; write it with dots, e.g. agent.off_topic")


def _change(config: DeskConfig, desk: str, fix: Fix) -> tuple[Sequence[str], Any]:
    """Which key the fix changes, and its value then."""
    if fix.kind == "knowledge":
        name, files = learned_file(desk), config.knowledge.files
        return ("knowledge", "files"), list(files if name in files else (*files, name))
    if fix.kind == "guideline":
        rule = " ".join(fix.text.split())
        rules = [one for one in config.agent.guidelines if one != rule]
        return ("agent", "guidelines"), [*rules, rule]
    try:
        return fix.title.strip().split("."), yaml.safe_load(fix.text)
    except yaml.YAMLError as error:
        raise Permanent(f"the value of {fix.title} is no YAML; put a text in quotes") from error


def _data(config: DeskConfig) -> dict[str, Any]:
    return config.model_dump(mode="json", exclude_defaults=True)


def _wanted(config: DeskConfig, path: Sequence[str], value: object) -> dict[str, Any]:
    """The configuration with one more value, as plain data."""
    wanted = _data(config)
    block: Any = wanted
    for step in path[:-1]:
        if not isinstance(block.setdefault(step, {}), dict):
            block[step] = {}
        block = block[step]
    block[path[-1]] = value
    return wanted
