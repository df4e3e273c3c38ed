"""Bytes in a Cloud Storage bucket, through the official client, which is synchronous and runs in threads."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from google.api_core import exceptions as google
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Blob, Bucket, Client  # type: ignore[import-untyped]  # has no types
from google.cloud.storage.exceptions import DataCorruption  # type: ignore[import-untyped]  # the same
from google.cloud.storage.retry import DEFAULT_RETRY  # type: ignore[import-untyped]  # the same
from requests.exceptions import RequestException

from shared.backends.google import BUSY, answers
from shared.domain.errors import Permanent, Transient
from shared.ports import Blobs

SECONDS = 30.0
RETRY = DEFAULT_RETRY.with_timeout(SECONDS)


class Storage(Client):  # type: ignore[misc]  # has no types
    """The official client, for one bucket and many threads, with a stand-in's address handed in."""

    def __init__(self, project: str, endpoint: str | None) -> None:
        if endpoint is None:
            super().__init__(project=project)
        else:
            anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call]
            super().__init__(
                project=project, credentials=anonymous, client_options={"api_endpoint": endpoint}
            )
        # This would look up the bucket beside the first call, which needs another role.
        self._bucket_metadata_cache = None
        self._http  # noqa: B018  # made here, or two threads that make it at once leave one open


class GoogleBlobs(Blobs):
    """The Blobs of one bucket. Nothing connects before the first call.

    `endpoint` is the address of what stands in for Cloud Storage; without it, it is Google's.
    """

    def __init__(self, project: str, bucket: str, *, endpoint: str | None = None) -> None:
        self._project = project
        self._bucket_name = bucket
        self._endpoint = endpoint
        self._opening = threading.Lock()
        self._opened: Bucket | None = None

    async def put(self, name: str, content: bytes, media_type: str) -> None:
        """Write or overwrite."""
        _check(name)
        await asyncio.to_thread(self._put, name, content, media_type)

    async def get(self, name: str) -> tuple[bytes, str] | None:
        """The bytes and their media type, or None."""
        _check(name)
        return await asyncio.to_thread(self._get, name)

    async def delete(self, name: str) -> None:
        """Remove; one that is gone is no error."""
        _check(name)
        await asyncio.to_thread(self._delete, name)

    async def close(self) -> None:
        """Hang up."""
        if self._opened is not None:
            self._opened.client.close()
            self._opened = None

    def _bucket(self) -> Bucket:
        """The bucket, connected by whichever thread comes first."""
        with self._opening, answers("connecting to Cloud Storage"):
            if self._opened is None:
                self._opened = Storage(self._project, self._endpoint).bucket(self._bucket_name)
            return self._opened

    def _put(self, name: str, content: bytes, media_type: str) -> None:
        with _transfer(f"writing blob {name!r}"):
            self._blob(name).upload_from_string(content, media_type, timeout=SECONDS, retry=RETRY)

    def _get(self, name: str) -> tuple[bytes, str] | None:
        blob = self._blob(name)
        with _transfer(f"reading blob {name!r}"):
            try:
                content = blob.download_as_bytes(timeout=SECONDS, retry=RETRY)
            except google.NotFound:
                return None
        return content, blob.content_type or "application/octet-stream"

    def _delete(self, name: str) -> None:
        with _transfer(f"deleting blob {name!r}"):
            try:
                self._blob(name).delete(timeout=SECONDS, retry=RETRY)
            except google.NotFound:
                return

    def _blob(self, name: str) -> Blob:
        return self._bucket().blob(name)


@contextmanager
def _transfer(doing: str) -> Iterator[None]:
    with answers(doing):
        try:
            yield
        except (RequestException, DataCorruption) as error:
            raise Transient(f"{doing}: Cloud Storage is out of reach", retry_after=BUSY) from error


def _check(name: str) -> None:
    if not name or name.startswith("/") or {"", ".", ".."} & set(name.split("/")):
        raise Permanent(f"{name!r} is not a blob's name: names with slashes between, none empty or dots")
