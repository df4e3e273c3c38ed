"""Makes a desk's file say what runs, after a version was made elsewhere; unpublished words are not lost."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.config.version_documents import Version

Content = Callable[[str], Awaitable[bytes | None]]
"""A knowledge file's bytes by their sha256."""


@dataclass(frozen=True, slots=True)
class WrittenBack:
    """Whether the file holds the version now, and what became of it in words; `said` begins with its path."""

    file: str  # in the folder
    done: bool
    said: str


async def write_back(
    folder: Path, file: str, version: Version, known: Sequence[Version], content: Content
) -> WrittenBack:
    """Write a version's text, and the knowledge beside it, into the folder of the desks' files.

    `known` are versions that ran: a file that holds none of their words was edited, and stays.
    """
    path = folder / file
    if not await asyncio.to_thread(path.is_file):
        return WrittenBack(file, False, f"{path} is not there, so the text was not written back.")
    if await asyncio.to_thread(_text_in, path) not in {one.text for one in known}:
        return _edited(file, path)
    held = {one.knowledge[name] for one in known for name in one.knowledge}
    changed: list[tuple[Path, bytes]] = []
    for name, sha in version.knowledge.items():
        beside = (path.parent / name).resolve()
        if not beside.is_relative_to(path.parent.resolve()):
            continue  # a base's own, which other desks read too
        found = await asyncio.to_thread(_sha_of, beside)
        if found == sha:
            continue
        if found and found not in held:
            return _edited(file, beside)
        words = await content(sha)
        if words is not None:
            changed.append((beside, words))
    try:
        # The text last: until then the file says what it said, and whoever watches it sees nothing new.
        for target, words in (*changed, (path, version.text.encode())):
            await asyncio.to_thread(_write, target, words)
    except OSError as error:
        why = error.strerror
        return WrittenBack(
            file, False, f"{path} could not be written ({why}): it differs from what runs now."
        )
    return WrittenBack(file, True, f"{path} holds it too.")


def _edited(file: str, path: Path) -> WrittenBack:
    return WrittenBack(
        file,
        False,
        f"{path} holds changes that were never published, so it was left as it is: it differs from what "
        "runs now.",
    )


def _text_in(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def _sha_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, for the folder is watched."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.new")
    aside.write_bytes(content)
    aside.replace(path)
