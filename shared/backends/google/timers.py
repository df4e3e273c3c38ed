"""Instants kept in one Cloud Tasks queue; those it would not take yet wait as documents."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, cast

import msgspec
from google.api_core import exceptions as google
from google.api_core.retry import AsyncRetry, if_exception_type
from google.cloud.tasks_v2 import CloudTasksAsyncClient, HttpMethod, HttpRequest, OidcToken, Task
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport
from grpc import aio  # type: ignore[import-untyped]  # ships no types

from shared.backends.google import answers
from shared.domain.errors import Permanent, Transient
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.ports import Clock, Data, Delete, Query, Store, Timers, Where

FAR = "platform/agency/far_timers"
HORIZON = timedelta(days=29)  # Cloud Tasks takes thirty
SECONDS = 10.0
# A task is named, so setting it twice is setting it once.
RETRY = AsyncRetry(
    if_exception_type(google.ServiceUnavailable, google.InternalServerError), initial=0.1, timeout=SECONDS
)


class GoogleTimers(Timers):
    """The Timers of one queue. Nothing connects before the first call.

    `queue` is `projects/.../locations/.../queues/...`; `handlers` gives each handler's address;
    `service_account` signs the calls, where the addresses ask for it; `address` is the host and port of
    what stands in for Cloud Tasks, without which it is Google's. `deadline` is the most time a call may
    take, 15 seconds to 30 minutes.
    """

    def __init__(
        self,
        queue: str,
        handlers: Mapping[str, str],
        *,
        store: Store,
        clock: Clock,
        service_account: str | None = None,
        address: str | None = None,
        deadline: timedelta = timedelta(minutes=10),
    ) -> None:
        self._queue = queue
        self._handlers = handlers
        self._store = store
        self._clock = clock
        self._service_account = service_account
        self._address = address
        self._deadline = deadline

    async def set(self, name: str, due: datetime, handler: str, payload: Data) -> None:
        """Durable when it returns. A name that is set already, or ended within the hour, changes nothing."""
        if due - self._clock.now() > HORIZON:
            timer: Data = {"name": name, "due": stamp(due), "handler": handler, "payload": payload}
            await self._store.create(_far(name), timer)
        else:
            await self._enqueue(name, due, handler, payload)

    async def cancel(self, name: str) -> None:
        """Forget it; one that is gone is no error. Its name stays taken for an hour."""
        await asyncio.gather(self._dequeue(name), self._store.commit([Delete(_far(name))]))

    async def sweep(self) -> int:
        """Hand the queue those far timers that it takes by now, and say how many. Once an hour is enough."""
        soon = stamp(self._clock.now() + HORIZON)
        page = await self._store.query(FAR, Query(where=(Where("due", "<=", soon),), order=("due",)))
        for document in page.documents:
            timer = cast("dict[str, Any]", document.data)
            await self._enqueue(timer["name"], instant(timer["due"]), timer["handler"], timer["payload"])
            await self._store.commit([Delete(document.path)])
        return len(page.documents) + (await self.sweep() if page.cursor else 0)

    async def ping(self) -> None:
        """Returns when timers can be set, as far as we may look. Raises Transient."""
        with answers("looking at the queue of timers"):
            try:
                await self._client.get_queue(name=self._queue, retry=RETRY, timeout=SECONDS)
            except google.PermissionDenied:  # it answers; setting needs another role than looking
                return
            except google.NotFound as error:
                raise _no_queue(self._queue) from error

    async def close(self) -> None:
        """Hang up."""
        if "_client" in self.__dict__:
            await self._client.transport.close()  # type: ignore[no-untyped-call]

    @cached_property
    def _client(self) -> CloudTasksAsyncClient:
        with answers("connecting to Cloud Tasks"):
            if self._address is None:
                return CloudTasksAsyncClient()
            channel = aio.insecure_channel(self._address)
            return CloudTasksAsyncClient(transport=CloudTasksGrpcAsyncIOTransport(channel=channel))

    async def _enqueue(self, name: str, due: datetime, handler: str, payload: Data) -> None:
        task = self._task(name, due, handler, payload)
        with answers(f"setting timer {name!r}"):
            try:
                await self._client.create_task(parent=self._queue, task=task, retry=RETRY, timeout=SECONDS)
            except google.AlreadyExists:
                return
            except google.NotFound as error:
                raise _no_queue(self._queue) from error

    async def _dequeue(self, name: str) -> None:
        with answers(f"cancelling timer {name!r}"):
            try:
                await self._client.delete_task(name=self._task_name(name), retry=RETRY, timeout=SECONDS)
            except google.NotFound:
                return

    def _task(self, name: str, due: datetime, handler: str, payload: Data) -> Task:
        url = self._handlers.get(handler)
        if url is None:
            raise Permanent(f"timer {name!r} names the handler {handler!r}, which has no address here")
        try:
            body = msgspec.json.encode({"name": name, "payload": payload})
        except (TypeError, UnicodeEncodeError) as error:
            raise Permanent(f"the payload of timer {name!r} is no JSON: {error}") from error
        request = HttpRequest(
            url=url,
            http_method=HttpMethod.POST,
            headers={"Content-Type": "application/json"},
            body=body,
        )
        if self._service_account:
            request.oidc_token = OidcToken(service_account_email=self._service_account, audience=url)
        return Task(
            name=self._task_name(name),
            schedule_time=due,
            http_request=request,
            dispatch_deadline=self._deadline,
        )

    def _task_name(self, name: str) -> str:
        return f"{self._queue}/tasks/{digest(name)}"


def _far(name: str) -> str:
    return f"{FAR}/{digest(name)}"


def _no_queue(queue: str) -> Transient:
    """A queue that nobody used for a month is missing for a moment, until Google has woken it."""
    return Transient(f"{queue!r} is not there: idle for long, or `terraform apply` makes it", retry_after=5.0)
