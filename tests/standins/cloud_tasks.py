"""A stand-in for Cloud Tasks, for which Google has no emulator: its gRPC protocol, its clock and its retries.

Queues and tasks live in memory. Tasks are dispatched over plain HTTP, without a token. For local use
beside the emulators:
python -m tests.standins.cloud_tasks --port 8123 --queue projects/p/locations/l/queues/q
"""

import argparse
import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import httpx
from google.cloud import tasks_v2
from google.protobuf import empty_pb2

SERVICE = "google.cloud.tasks.v2.CloudTasks"
REMEMBERED = 3600.0  # seconds for which the name of an ended task stays taken
FARTHEST = 30 * 86400.0  # seconds ahead a task may be scheduled
DEFAULTS = tasks_v2.RetryConfig(
    max_attempts=100,
    min_backoff=timedelta(seconds=0.1),
    max_backoff=timedelta(hours=1),
    max_doublings=16,
)


def pause(retry: tasks_v2.RetryConfig, failures: int) -> float:
    """Seconds after the nth failure: doubled at first, then growing evenly, never above the most.

    https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues#RetryConfig
    """
    least, most = retry.min_backoff.total_seconds(), retry.max_backoff.total_seconds()
    doublings = min(failures - 1, retry.max_doublings)
    evenly = max(failures - 1 - retry.max_doublings, 0) + 1
    return min(least * 2**doublings * evenly, most)


@dataclass
class Queue:
    """A queue, its tasks by name, and the names it remembers."""

    queue: tasks_v2.Queue
    tasks: dict[str, tasks_v2.Task] = field(default_factory=dict)
    lives: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)
    running: asyncio.Event = field(default_factory=asyncio.Event)


class CloudTasks:
    """The service. Refuses as Google does, aborting the call with the status Google gives."""

    def __init__(self) -> None:
        self.address = ""
        self.queues: dict[str, Queue] = {}
        self._names = itertools.count(1)
        self._http = httpx.AsyncClient(trust_env=False)

    async def create_queue(self, request: tasks_v2.CreateQueueRequest, context: Any) -> tasks_v2.Queue:
        name = request.queue.name
        if name in self.queues:
            await context.abort(grpc.StatusCode.ALREADY_EXISTS, "Queue already exists")
        return self.add_queue(name, request.queue.retry_config)

    def add_queue(self, name: str, retry: tasks_v2.RetryConfig | None = None) -> tasks_v2.Queue:
        """Make a queue; what `retry` leaves open is Google's default."""
        config = tasks_v2.RetryConfig(DEFAULTS)
        if retry is not None:
            config._pb.MergeFrom(retry._pb)
        queue = tasks_v2.Queue(name=name, retry_config=config, state=tasks_v2.Queue.State.RUNNING)
        self.queues[name] = Queue(queue)
        self.queues[name].running.set()
        return queue

    async def get_queue(self, request: tasks_v2.GetQueueRequest, context: Any) -> tasks_v2.Queue:
        return (await self._queue(request.name, context)).queue

    async def pause_queue(self, request: tasks_v2.PauseQueueRequest, context: Any) -> tasks_v2.Queue:
        queue = await self._queue(request.name, context)
        queue.queue.state = tasks_v2.Queue.State.PAUSED
        queue.running.clear()
        return queue.queue

    async def resume_queue(self, request: tasks_v2.ResumeQueueRequest, context: Any) -> tasks_v2.Queue:
        queue = await self._queue(request.name, context)
        queue.queue.state = tasks_v2.Queue.State.RUNNING
        queue.running.set()
        return queue.queue

    async def purge_queue(self, request: tasks_v2.PurgeQueueRequest, context: Any) -> tasks_v2.Queue:
        queue = await self._queue(request.name, context)
        for name in list(queue.tasks):
            self._end(queue, name)
        return queue.queue

    async def create_task(self, request: tasks_v2.CreateTaskRequest, context: Any) -> tasks_v2.Task:
        queue, task, now = await self._queue(request.parent, context), request.task, time.time()
        task.name = task.name or f"{request.parent}/tasks/{next(self._names):020}"
        if task.name.rpartition("/tasks/")[0] != request.parent:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "The task's name is not of this queue")
        if task.schedule_time and task.schedule_time.timestamp() > now + FARTHEST:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "scheduled too far into the future")
        if task.name in queue.tasks or queue.ended.get(task.name, 0) > now:
            await context.abort(grpc.StatusCode.ALREADY_EXISTS, "The task exists or existed recently")
        task.create_time = task.create_time or _at(now)
        task.schedule_time = task.schedule_time or _at(now)
        queue.tasks[task.name] = task
        queue.lives[task.name] = asyncio.create_task(self._live(queue, task))
        return task

    async def get_task(self, request: tasks_v2.GetTaskRequest, context: Any) -> tasks_v2.Task:
        queue = await self._queue_of(request.name, context)
        return queue.tasks[request.name]

    async def list_tasks(
        self, request: tasks_v2.ListTasksRequest, context: Any
    ) -> tasks_v2.ListTasksResponse:
        queue = await self._queue(request.parent, context)
        return tasks_v2.ListTasksResponse(tasks=queue.tasks.values())

    async def delete_task(self, request: tasks_v2.DeleteTaskRequest, context: Any) -> empty_pb2.Empty:
        self._end(await self._queue_of(request.name, context), request.name)
        return empty_pb2.Empty()

    async def close(self) -> None:
        """Stop dispatching."""
        lives = [life for queue in self.queues.values() for life in queue.lives.values()]
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
        await self._http.aclose()

    async def _queue(self, name: str, context: Any) -> Queue:
        if name not in self.queues:
            await context.abort(grpc.StatusCode.NOT_FOUND, "Queue does not exist")
        return self.queues[name]

    async def _queue_of(self, task: str, context: Any) -> Queue:
        queue = await self._queue(task.rpartition("/tasks/")[0], context)
        if task not in queue.tasks:
            await context.abort(grpc.StatusCode.NOT_FOUND, "Requested entity was not found")
        return queue

    def _end(self, queue: Queue, name: str) -> None:
        """Forget a task but remember its name; a dispatch under way is not called back."""
        queue.tasks.pop(name)
        queue.ended[name] = time.time() + REMEMBERED
        life = queue.lives.pop(name)
        if life is not asyncio.current_task():
            life.cancel()

    async def _live(self, queue: Queue, task: tasks_v2.Task) -> None:
        """Wait, dispatch, and again after each failure, until it succeeds or has failed too often."""
        retry = queue.queue.retry_config
        while True:
            await _until(task.schedule_time.timestamp())
            await queue.running.wait()
            status = await asyncio.shield(self._dispatch(queue, task))
            task.dispatch_count += 1
            task.response_count += status is not None
            if (status is not None and 200 <= status < 300) or task.dispatch_count == retry.max_attempts:
                return self._end(queue, task.name)
            task.schedule_time = _at(time.time() + pause(retry, task.dispatch_count))

    async def _dispatch(self, queue: Queue, task: tasks_v2.Task) -> int | None:
        """The status of one call, None where no answer came."""
        request = task.http_request
        headers = {
            "User-Agent": "Google-Cloud-Tasks",
            **request.headers,
            "X-CloudTasks-QueueName": queue.queue.name.rpartition("/")[2],
            "X-CloudTasks-TaskName": task.name.rpartition("/")[2],
            "X-CloudTasks-TaskRetryCount": str(task.dispatch_count),
            "X-CloudTasks-TaskExecutionCount": str(task.response_count),
            "X-CloudTasks-TaskETA": f"{task.schedule_time.timestamp():.6f}",
        }
        seconds = task.dispatch_deadline.total_seconds() if task.dispatch_deadline else 600.0
        method = tasks_v2.HttpMethod(request.http_method or tasks_v2.HttpMethod.POST).name
        try:
            answer = await self._http.request(
                method, request.url, content=request.body, headers=headers, timeout=seconds
            )
        except httpx.TransportError:
            return None
        return answer.status_code


async def _until(seconds: float) -> None:
    """Sleep until an instant and never wake before it, as clocks and timers disagree a little."""
    while (ahead := seconds - time.time()) > 0:  # noqa: ASYNC110  # what is awaited is the clock
        await asyncio.sleep(ahead)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _handlers(service: CloudTasks) -> grpc.GenericRpcHandler:
    """The methods under their wire names, with the official messages."""
    empty = lambda message: message.SerializeToString()  # noqa: E731  # a serializer is a function
    methods = {
        "CreateQueue": (service.create_queue, tasks_v2.CreateQueueRequest, tasks_v2.Queue.serialize),
        "GetQueue": (service.get_queue, tasks_v2.GetQueueRequest, tasks_v2.Queue.serialize),
        "PauseQueue": (service.pause_queue, tasks_v2.PauseQueueRequest, tasks_v2.Queue.serialize),
        "ResumeQueue": (service.resume_queue, tasks_v2.ResumeQueueRequest, tasks_v2.Queue.serialize),
        "PurgeQueue": (service.purge_queue, tasks_v2.PurgeQueueRequest, tasks_v2.Queue.serialize),
        "CreateTask": (service.create_task, tasks_v2.CreateTaskRequest, tasks_v2.Task.serialize),
        "GetTask": (service.get_task, tasks_v2.GetTaskRequest, tasks_v2.Task.serialize),
        "ListTasks": (service.list_tasks, tasks_v2.ListTasksRequest, tasks_v2.ListTasksResponse.serialize),
        "DeleteTask": (service.delete_task, tasks_v2.DeleteTaskRequest, empty),
    }
    return grpc.method_handlers_generic_handler(
        SERVICE,
        {
            name: grpc.unary_unary_rpc_method_handler(call, asked.deserialize, answer)
            for name, (call, asked, answer) in methods.items()
        },
    )


@contextlib.asynccontextmanager
async def cloud_tasks(port: int = 0) -> AsyncIterator[CloudTasks]:
    """The service at its `address` on the loopback, stopped with the block."""
    service, server = CloudTasks(), grpc.aio.server()
    server.add_generic_rpc_handlers((_handlers(service),))
    service.address = f"127.0.0.1:{server.add_insecure_port(f'127.0.0.1:{port}')}"
    await server.start()
    try:
        yield service
    finally:
        await service.close()
        await server.stop(grace=None)


async def _serve(port: int, queues: list[str]) -> None:
    async with cloud_tasks(port) as service:
        for name in queues:
            service.add_queue(name)
        print(f"Cloud Tasks stands in at {service.address}", flush=True)  # noqa: T201  # a command's answer
        await asyncio.Event().wait()


def main() -> None:
    """Serve until interrupted."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=8123)
    arguments.add_argument("--queue", action="append", default=[])
    given = arguments.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(given.port, given.queue))


if __name__ == "__main__":
    main()
