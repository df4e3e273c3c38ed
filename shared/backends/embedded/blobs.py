"""Bytes in files, each whole or absent whatever happens to the machine."""

import asyncio
import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import uuid4

from shared.domain.errors import Permanent, Transient

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class EmbeddedBlobs:
    """The Blobs port on a folder.

    A file is named by the hash of the blob's name, so that any name is safe on any file system; its first
    line holds name and media type as JSON, the content follows.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, content: bytes, media_type: str) -> None:
        """Write or overwrite."""
        header = json.dumps({"name": name, "media_type": media_type}).encode() + b"\n"
        await _in_thread(_write, self._file(name), header + content)

    async def get(self, name: str) -> tuple[bytes, str] | None:
        """The bytes and their media type, or None."""
        whole = await _in_thread(_read, self._file(name))
        if whole is None:
            return None
        header, _, content = whole.partition(b"\n")
        return content, json.loads(header)["media_type"]

    async def delete(self, name: str) -> None:
        """Remove; one that is gone is no error."""
        await _in_thread(_remove, self._file(name))

    async def close(self) -> None:
        """Nothing is held open."""

    def _file(self, name: str) -> Path:
        if not name or name.startswith("/") or {"", ".", ".."} & set(name.split("/")):
            raise Permanent(f"{name!r} is not a blob's name: names with slashes between, none empty or dots")
        digest = hashlib.sha256(name.encode()).hexdigest()
        return self._folder / digest[:2] / digest[2:]


async def _in_thread(
    call: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Result:
    try:
        return await asyncio.to_thread(call, *arguments, **named)
    except OSError as error:
        raise Transient(
            f"the blob folder did not answer ({error.strerror}): free space or check the disk"
        ) from error


def _write(file: Path, content: bytes) -> None:
    """Aside first, then renamed: readers and power cuts see the old file or the new one."""
    for folder in (file.parent.parent, file.parent):  # for their owner alone
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = file.with_name(f".{uuid4().hex}")
    try:
        with aside.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(file)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(PermissionError):  # Windows opens no folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
