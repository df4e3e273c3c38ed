"""Bytes in a Cloud Storage bucket, through the official client, which is synchronous and runs in threads."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

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


class GoogleBlobs(Blobs):
    """The Blobs of one bucket. Nothing connects before the first call.

    `endpoint` is the address of what stands in for Cloud Storage; without it, it is Google's.
    """

    def __init__(self, project: str, bucket: str, *, endpoint: str | None = None) -> None:
        self._project = project
        self._bucket_name = bucket
        self._endpoint = endpoint

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
        if "_bucket" in self.__dict__:
            self._bucket.client.close()

    @cached_property
    def _bucket(self) -> Bucket:
        with answers("connecting to Cloud Storage"):
            if self._endpoint is None:
                return Client(project=self._project).bucket(self._bucket_name)
            client = Client(
                project=self._project,
                credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
                client_options={"api_endpoint": self._endpoint},
            )
            return client.bucket(self._bucket_name)

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
        return self._bucket.blob(name)


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
