"""The stand-in for Cloud Tasks keeps to what Google documents, seen through the official client."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.api_core import exceptions as google
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from tests.standins.cloud_tasks import DEFAULTS, cloud_tasks, pause
from tests.standins.serving import serving

QUEUE = "projects/p/locations/l/queues/timers"
HASTY = {"min_backoff": timedelta(seconds=0.01), "max_backoff": timedelta(seconds=0.02)}


class World:
    """A client, the stand-in, and a handler that answers as told and remembers what it heard."""

    def __init__(self, client, service, url):
        self.client, self.service, self.url = client, service, url
        self.heard = []
        self.answers = []
        self.called = asyncio.Event()

    async def handle(self, request):
        self.heard.append((dict(request.headers), await request.body(), time.time()))
        self.called.set()
        return Response(status_code=self.answers.pop(0) if self.answers else 200)

    async def create(self, name=None, *, queue=QUEUE, **task):
        task["http_request"] = {"url": f"{self.url}/do", "body": b"{}"}
        if name:
            task["name"] = f"{queue}/tasks/{name}"
        return await self.client.create_task(parent=queue, task=task)

    async def ended(self):
        """Wait until the queue is empty."""
        while self.service.queues[QUEUE].tasks:  # noqa: ASYNC110  # the stand-in has no event for it
            await asyncio.sleep(0.005)


@pytest.fixture
async def world():
    async with contextlib.AsyncExitStack() as stack:
        service = await stack.enter_async_context(cloud_tasks())
        channel = grpc.aio.insecure_channel(service.address)
        stack.push_async_callback(channel.close)
        transport = CloudTasksGrpcAsyncIOTransport(channel=channel)
        world = World(tasks_v2.CloudTasksAsyncClient(transport=transport), service, "")
        app = Starlette(routes=[Route("/do", world.handle, methods=["POST"])])
        world.url = await stack.enter_async_context(serving(app))
        await world.client.create_queue(
            parent=QUEUE.rpartition("/queues")[0], queue={"name": QUEUE, "retry_config": HASTY}
        )
        yield world


async def test_a_task_is_dispatched_with_the_headers_of_cloud_tasks(world):
    """The handler sees the body and who calls: queue, task, counts and the instant meant."""
    await world.create("one")
    await world.ended()

    headers, body, _ = world.heard[0]
    assert body == b"{}"
    assert headers["user-agent"] == "Google-Cloud-Tasks"
    assert "authorization" not in headers
    told = {name: headers[f"x-cloudtasks-{name}"] for name in ("queuename", "taskname", "taskretrycount")}
    assert told == {"queuename": "timers", "taskname": "one", "taskretrycount": "0"}
    assert headers["x-cloudtasks-taskexecutioncount"] == "0"
    assert abs(float(headers["x-cloudtasks-tasketa"]) - time.time()) < 60


async def test_a_scheduled_task_is_never_early(world):
    """It is dispatched at its instant or after."""
    due = datetime.now(UTC) + timedelta(seconds=0.2)
    await world.create("later", schedule_time=due)
    await world.ended()

    assert world.heard[0][2] >= due.timestamp()


async def test_a_name_is_taken_while_the_task_lives_and_after(world):
    """ALREADY_EXISTS while it waits, when it ran and when it was deleted."""
    far = datetime.now(UTC) + timedelta(hours=1)
    waiting = await world.create("waits", schedule_time=far)
    with pytest.raises(google.AlreadyExists):
        await world.create("waits")
    await world.client.delete_task(name=waiting.name)
    with pytest.raises(google.AlreadyExists):
        await world.create("waits")
    await world.create("runs")
    await world.ended()
    with pytest.raises(google.AlreadyExists):
        await world.create("runs")

    assert len(world.heard) == 1


async def test_a_deleted_task_is_gone(world):
    """It cannot be read nor deleted again, and never runs."""
    task = await world.create("gone", schedule_time=datetime.now(UTC) + timedelta(hours=1))
    assert task.name == (await world.client.get_task(name=task.name)).name

    await world.client.delete_task(name=task.name)

    for call in (world.client.get_task, world.client.delete_task):
        with pytest.raises(google.NotFound):
            await call(name=task.name)
    assert [task async for task in await world.client.list_tasks(parent=QUEUE)] == []


async def test_a_failed_task_is_tried_again_until_it_succeeds(world):
    """Each retry says how many went before."""
    world.answers = [500, 503]
    await world.create("stubborn")
    await world.ended()

    assert [headers["x-cloudtasks-taskretrycount"] for headers, _, _ in world.heard] == ["0", "1", "2"]


async def test_attempts_end(world):
    """After max_attempts the task is deleted, whatever the last answer."""
    world.service.queues[QUEUE].queue.retry_config.max_attempts = 3
    world.answers = [500] * 9
    await world.create("hopeless")
    await world.ended()

    assert len(world.heard) == 3


async def test_a_handler_out_of_reach_counts_as_a_failure(world):
    """No answer is a failed attempt without an execution."""
    world.service.queues[QUEUE].queue.retry_config.max_attempts = 2
    world.url = "http://127.0.0.1:1"
    await world.create("lost")
    await world.ended()

    assert world.heard == []


async def test_a_paused_queue_dispatches_when_it_resumes(world):
    """Tasks are taken meanwhile, and none is lost."""
    await world.client.pause_queue(name=QUEUE)
    await world.create("waits")
    assert (await world.client.get_queue(name=QUEUE)).state == tasks_v2.Queue.State.PAUSED
    assert world.heard == []

    await world.client.resume_queue(name=QUEUE)
    await world.ended()

    assert len(world.heard) == 1


async def test_a_purged_queue_is_empty(world):
    """Purging deletes every task."""
    for _ in range(3):
        await world.create(schedule_time=datetime.now(UTC) + timedelta(hours=1))

    await world.client.purge_queue(name=QUEUE)

    assert [task async for task in await world.client.list_tasks(parent=QUEUE)] == []


async def test_unknown_queues_and_far_instants_are_refused(world):
    """A queue must exist, and thirty days ahead is the most."""
    with pytest.raises(google.NotFound):
        await world.create(queue="projects/p/locations/l/queues/none")
    with pytest.raises(google.InvalidArgument):
        await world.create(schedule_time=datetime.now(UTC) + timedelta(days=31))
    with pytest.raises(google.InvalidArgument):
        await world.client.create_task(parent=QUEUE, task={"name": "projects/p/locations/l/queues/x/tasks/t"})


def test_pauses_double_then_grow_evenly_up_to_the_most():
    """The example of Google's reference: 10 s, 3 doublings, at most 300 s."""
    retry = tasks_v2.RetryConfig(DEFAULTS)
    retry.min_backoff, retry.max_backoff = timedelta(seconds=10), timedelta(seconds=300)
    retry.max_doublings = 3

    assert [pause(retry, failures) for failures in range(1, 9)] == [10, 20, 40, 80, 160, 240, 300, 300]
