"""Pub/Sub's own REST methods for one project, with as little to load as a waking receiver can bear.

The official client takes half a second to import, this a tenth of that; both speak to the same API.
https://cloud.google.com/pubsub/docs/reference/rest
"""

from http import HTTPStatus

import httpx

from shared.backends.google.identity import AccessTokens
from shared.domain.errors import Permanent, Transient

SERVICE = "https://pubsub.googleapis.com"
TIMEOUT = httpx.Timeout(4.0, connect=2.0, pool=30.0)  # a webhook's sender waits; a burst queues up for lines


class PubSub:
    """One project's topics and subscriptions. Nothing connects before the first call.

    `emulator` is the host and port of the official emulator, which needs no credentials.
    """

    def __init__(self, project: str, emulator: str | None = None) -> None:
        self.project = f"projects/{project}"
        self._base = f"{f'http://{emulator}' if emulator else SERVICE}/v1/{self.project}"
        self._tokens = None if emulator else AccessTokens()
        self._http: httpx.AsyncClient | None = None

    async def call(
        self, method: str, path: str, body: object, *, fine: tuple[int, ...] = ()
    ) -> httpx.Response:
        """The answer of a call that went well, or whose status is `fine`. Raises Permanent or Transient."""
        answer = await self.answer(method, path, body)
        if answer.is_success or answer.status_code in fine:
            return answer
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise Permanent(f"{self.project}/{path}: there is no such thing; `terraform apply` makes it")
        raise Permanent(
            f"{self.project}/{path}: refused (HTTP {answer.status_code}); see this handler's roles"
        )

    async def answer(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Whatever the service says, except that it is busy. Raises Transient.

        A connection that broke, a busy service and a token that ended are worth one more try.
        """
        for last in (False, True):
            try:
                answer = await self._send(method, path, body)
            except httpx.TransportError as error:
                if last:
                    raise Transient(f"Pub/Sub is out of reach for {path}", retry_after=1.0) from error
                continue
            if answer.status_code == HTTPStatus.UNAUTHORIZED and self._tokens and not last:
                self._tokens.forget()
            elif not _busy(answer):
                return answer
        raise Transient(f"Pub/Sub is busy for {path} (HTTP {answer.status_code})", retry_after=1.0)

    async def close(self) -> None:
        """Hang up."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _send(self, method: str, path: str, body: object) -> httpx.Response:
        if self._http is None:
            self._http = httpx.AsyncClient(timeout=TIMEOUT, trust_env=self._tokens is not None)
        headers = {"Authorization": f"Bearer {await self._tokens.get(self._http)}"} if self._tokens else {}
        return await self._http.request(method, f"{self._base}/{path}", json=body, headers=headers)


def _busy(answer: httpx.Response) -> bool:
    return answer.is_server_error or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
