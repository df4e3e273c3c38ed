"""A version of a desk and its document, so that what is stored is read back the same for years."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from shared.config.availability import Missing
from shared.config.problems import Problem
from shared.config.schema import DeskConfig
from shared.config.validate import Validated
from shared.ports import Create, Data, Document, Put, Write

Origin = Literal["file", "api", "console", "rollback", "learned"]
"""Where a version comes from; `learned` is an approved fix."""
Status = Literal["draft", "validated", "published"]
SHAPE = 1
"""Version of these documents' own form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a desk as it is stored."""

    tenant: str
    desk: str
    number: int
    status: Status
    origin: Origin
    by: str  # who made it
    at: str  # when, a stamp
    published_at: str = ""
    file: str = ""
    text: str = ""  # the source as it was written
    digest: str = ""  # of what it does: configuration and knowledge, not of comments
    config: DeskConfig | None = None  # None for a draft with problems
    knowledge: Mapping[str, str] = field(default_factory=dict)  # path -> sha256 of its content
    problems: tuple[Problem, ...] = ()
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The version a desk runs."""

    tenant: str
    desk: str
    version: int
    config: DeskConfig
    knowledge: Mapping[str, str]  # path as the desk names it -> sha256
    missing: tuple[Missing, ...]
    origin: Origin
    published_at: str
    by: str = ""  # who made it


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What publishing came to. `differs`: what runs was made elsewhere and the file changed since."""

    outcome: Literal["published", "unchanged", "kept", "differs"]
    tenant: str
    desk: str
    version: int  # the one that runs now
    previous: int | None = None


def content_digest(config: DeskConfig, knowledge: Mapping[str, str]) -> str:
    """What a version does, in 64 characters: the same for texts that differ in comments or spelling alone."""
    whole = {"config": config.model_dump(mode="json"), "knowledge": dict(knowledge)}
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def version_from(
    validated: Validated,
    knowledge: Mapping[str, str],
    *,
    of: tuple[str, str],
    origin: Origin,
    number: int = 0,
    by: str = "",
    at: str = "",
    text: str = "",
    file: str = "",
) -> Version:
    """What a text came to as a version of the tenant's desk `of`: a draft while it has problems."""
    config = validated.config
    return Version(
        tenant=of[0],
        desk=of[1],
        number=number,
        status="validated" if config else "draft",
        origin=origin,
        by=by,
        at=at,
        file=file,
        text=text,
        digest=content_digest(config, knowledge) if config else "",
        config=config,
        knowledge=knowledge,
        problems=validated.problems,
        missing=validated.missing,
    )


def path_of(version: Version) -> str:
    """Where a version stands in its tenant's part."""
    return f"desks/{version.desk}/versions/{version.number:06d}"


def document_of(version: Version) -> Data:
    """The version as it is stored."""
    return {
        "shape": SHAPE,
        "number": version.number,
        "status": version.status,
        "origin": version.origin,
        "by": version.by,
        "at": version.at,
        "published_at": version.published_at,
        "file": version.file,
        "text": version.text,
        "digest": version.digest,
        # As text: settings may hold lists of lists, which some stores refuse.
        "config": version.config.model_dump_json() if version.config else None,
        "knowledge": [{"path": path, "sha256": sha} for path, sha in version.knowledge.items()],
        "problems": [_fields(problem) for problem in version.problems],
        "missing": [_fields(part) for part in version.missing],
    }


def version_of(tenant: str, desk: str, document: Document) -> Version:
    """A stored version."""
    data: Any = document.data
    return Version(
        tenant=tenant,
        desk=desk,
        number=data["number"],
        status=data["status"],
        origin=data["origin"],
        by=data["by"],
        at=data["at"],
        published_at=data["published_at"],
        file=data["file"],
        text=data["text"],
        digest=data["digest"],
        config=DeskConfig.model_validate_json(data["config"]) if data["config"] else None,
        knowledge={entry["path"]: entry["sha256"] for entry in data["knowledge"]},
        problems=tuple(Problem(**problem) for problem in data["problems"]),
        missing=tuple(Missing(**part) for part in data["missing"]),
    )


def _fields(record: Problem | Missing) -> Data:
    return {name: getattr(record, name) for name in type(record).__dataclass_fields__}


def standing(
    version: Version, current: Version | None, head: Document | None, *, overwrite: bool
) -> Literal["unchanged", "kept", "differs"] | None:
    """Why nothing is published, or None where the version goes live."""
    if current is None:
        return None
    if current.digest == version.digest:
        return "unchanged"
    if version.origin != "file" or current.origin == "file" or overwrite:
        return None
    seen = head.data.get("file_digest") if head else None
    if seen == current.digest:  # what was made elsewhere was written back, and the file was saved after that
        return None
    return "kept" if seen == version.digest else "differs"


def running(version: Version, config: DeskConfig) -> Published:
    """A version as it runs."""
    return Published(
        tenant=version.tenant,
        desk=version.desk,
        version=version.number,
        config=config,
        knowledge=version.knowledge,
        missing=version.missing,
        origin=version.origin,
        published_at=version.published_at,
        by=version.by,
    )


def head_write(head: Document | None, desk: str, changed: Data) -> Write:
    """The write that changes a desk's head, refused where it changed since it was read."""
    path = f"desks/{desk}"
    if head is None:
        return Create(path, {"shape": SHAPE, "published": 0} | changed)
    return Put(path, head.data | changed, head.version)


def text_in(document: Document | None, key: str) -> str:
    """A text of a document, empty where there is none."""
    value = document.data.get(key) if document else None
    return value if isinstance(value, str) else ""


def number_in(document: Document | None, key: str) -> int:
    """A number of a document, 0 where there is none."""
    value = document.data.get(key) if document else None
    return value if isinstance(value, int) else 0
