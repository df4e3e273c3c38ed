"""Secrets in Secret Manager, kept five minutes, so that a rotated one is soon seen and few are paid for."""

import re
import time
from functools import cached_property

from google.api_core import exceptions as google
from google.api_core.retry import AsyncRetry, if_exception_type
from google.cloud.secretmanager_v1 import SecretManagerServiceAsyncClient
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
    SecretManagerServiceGrpcAsyncIOTransport,
)
from grpc import aio  # type: ignore[import-untyped]  # ships no types

from shared.backends.google import answers
from shared.ports import Secrets

KEPT = 300.0  # seconds
SECONDS = 10.0
RETRY = AsyncRetry(
    if_exception_type(google.ServiceUnavailable, google.InternalServerError), initial=0.1, timeout=SECONDS
)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")  # what Secret Manager lets a name be


class GoogleSecrets(Secrets):
    """The Secrets of a project. Nothing connects before the first call.

    `address` is the host and port of what stands in for Secret Manager; without it, it is Google's.
    """

    def __init__(self, project: str, *, address: str | None = None) -> None:
        self._project = project
        self._address = address
        self._kept: dict[str, tuple[str | None, float]] = {}

    async def get(self, name: str) -> str | None:
        """The newest value, at most five minutes old, or None where there is none by that name."""
        value, until = self._kept.get(name, (None, 0.0))
        if time.monotonic() >= until:
            value = await self._newest(name) if _NAME.fullmatch(name) else None
            self._kept[name] = value, time.monotonic() + KEPT
        return value

    async def close(self) -> None:
        """Hang up."""
        if "_client" in self.__dict__:
            await self._client.transport.close()  # type: ignore[no-untyped-call]

    async def _newest(self, name: str) -> str | None:
        version = f"projects/{self._project}/secrets/{name}/versions/latest"
        with answers(f"reading secret {name!r}"):
            try:
                answer = await self._client.access_secret_version(name=version, retry=RETRY, timeout=SECONDS)
            except google.NotFound:
                return None
            return answer.payload.data.decode()

    @cached_property
    def _client(self) -> SecretManagerServiceAsyncClient:
        with answers("connecting to Secret Manager"):
            if self._address is None:
                return SecretManagerServiceAsyncClient()
            channel = aio.insecure_channel(self._address)
            return SecretManagerServiceAsyncClient(
                transport=SecretManagerServiceGrpcAsyncIOTransport(channel=channel)
            )
