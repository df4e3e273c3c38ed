"""From a folder of files to running desks: valid files that changed are published, at start and on save."""

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from watchfiles import awatch

from shared.config.availability import Missing
from shared.config.catalogue import Catalogue
from shared.config.problems import Notice, Problem
from shared.config.validate import OtherBusiness, Reader, Validated, validate
from shared.config.versions import Versions
from shared.domain.errors import Permanent

BASES = "bases"
"""The folder of files to inherit from, which are no desks themselves."""
LARGEST_FILE = 2_000_000
"""Bytes read of any file; larger ones are refused by their size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """What one desk's file came to. A desk with problems keeps its last good version."""

    file: str  # relative to the folder
    outcome: Literal["published", "unchanged", "kept", "differs", "invalid"]
    tenant: str = ""
    desk: str = ""
    version: int | None = None  # the one that runs now
    problems: tuple[Problem, ...] = ()
    notices: tuple[Notice, ...] = ()
    missing: tuple[Missing, ...] = field(default=())


def desk_files(folder: Path) -> list[Path]:
    """The desks' files of a folder, `<tenant>/<desk>.yaml`, in order."""
    found = [path for ending in ("yaml", "yml") for path in folder.glob(f"*/*.{ending}")]
    return sorted(path for path in found if path.parent.name != BASES and not path.name.startswith("."))


def folder_reader(folder: Path) -> Reader:
    """Reads files of the folder by their path in it; None for any outside it."""
    root = folder.resolve()

    def read(path: str) -> bytes | None:
        target = (root / path).resolve()
        if not target.is_relative_to(root) or not target.is_file():
            return None
        with target.open("rb") as stream:
            return stream.read(LARGEST_FILE)

    return read


def business_reader(folder: Path, tenant: str, others: Collection[str]) -> Reader:
    """Reads what one business may: its own folder's files, and those of folders that are nobody's.

    A folder is a business's where `others` names it, or where desks' files stand in it.
    """
    root, read = folder.resolve(), folder_reader(folder)

    def read_own(path: str) -> bytes | None:
        target = (root / path).resolve()
        place = target.relative_to(root).parts[0] if target.is_relative_to(root) and target != root else ""
        desks = (file for file in (root / place).glob("*.y*ml") if place and file.is_file())
        if place not in (tenant, BASES) and (place in others or any(desks)):
            raise OtherBusiness(f"{path}: another business's file; name one of {tenant}/ or {BASES}/")
        return read(path)

    return read_own


def validate_file(path: Path, catalogue: Catalogue, *, folder: Path) -> tuple[str, Validated]:
    """The text of a desk's file and what it came to. Raises Permanent where it cannot be opened."""
    file = _inside(path, folder)
    try:
        raw = path.read_bytes()[:LARGEST_FILE]
    except OSError as error:
        raise Permanent(
            f"{file}: the file cannot be read ({error.strerror}); check it and save again"
        ) from error
    return raw.decode("utf-8", "replace"), validate(
        raw, catalogue, file=file, base_reader=folder_reader(folder)
    )


async def publish_file(
    path: Path, versions: Versions, catalogue: Catalogue, *, folder: Path, by: str, overwrite: bool = False
) -> FileResult:
    """Publish one file if it is valid and changed; never raises Permanent, the result says it."""
    file = _inside(path, folder)
    try:
        text, validated = await asyncio.to_thread(validate_file, path, catalogue, folder=folder)
        if validated.config is None:
            return FileResult(
                file=file, outcome="invalid", problems=validated.problems, notices=validated.notices
            )
        done = await versions.publish_text(
            validated, text=text, origin="file", by=by, file=file, overwrite=overwrite
        )
    except Permanent as error:
        found, _, fix = str(error).rpartition("; ")
        refused = Problem(file, 1, 1, ".", found or str(error), fix or "correct the file")
        return FileResult(file=file, outcome="invalid", problems=(refused,))
    return FileResult(
        file=file,
        outcome=done.outcome,
        tenant=done.tenant,
        desk=done.desk,
        version=done.version,
        notices=validated.notices,
        missing=validated.missing,
    )


async def publish_folder(
    folder: Path, versions: Versions, catalogue: Catalogue, *, by: str = "files"
) -> list[FileResult]:
    """Publish every changed valid file of a folder; one result each."""
    return [
        await publish_file(path, versions, catalogue, folder=folder, by=by) for path in desk_files(folder)
    ]


async def watch(
    folder: Path, versions: Versions, catalogue: Catalogue, *, by: str = "files", stop: asyncio.Event
) -> AsyncIterator[list[FileResult]]:
    """The results of the whole folder after each save in it, until `stop` is set.

    A save of a base or a knowledge file changes every desk that reads it, so all are looked at; those
    that came out the same stay as they are.
    """
    async for _ in awatch(folder, stop_event=stop, debounce=300, step=50, recursive=True):
        yield await publish_folder(folder, versions, catalogue, by=by)


def _inside(path: Path, folder: Path) -> str:
    """A file's path in the folder."""
    return path.resolve().relative_to(folder.resolve()).as_posix()
