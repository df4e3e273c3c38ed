"""What is Cloud Tasks' own in Timers: far instants, missing queues, signed calls."""

from datetime import timedelta

import pytest

from shared.backends.google.timers import FAR, GoogleTimers
from shared.domain.errors import Permanent, Transient
from shared.ports import Query

pytestmark = pytest.mark.emulators

DAY = timedelta(days=1)


def waiting(tasks, queue):
    """The tasks of the queue, the names we gave in their bodies."""
    return list(tasks.queues[queue].tasks.values())


async def test_a_task_names_handler_body_and_deadline_under_a_hashed_name(timers, tasks, queue, clock):
    """Sequential names would make one shard hot, so the task's own name is a digest."""
    due = clock.now() + DAY
    await timers.set("turn:c1:2026#1", due, "take_turn", {"conversation": "c1"})

    (task,) = waiting(tasks, queue)
    assert task.http_request.url == "http://127.0.0.1:1/take_turn"
    assert task.http_request.body == b'{"name":"turn:c1:2026#1","payload":{"conversation":"c1"}}'
    assert due == task.schedule_time
    assert timedelta(minutes=10) == task.dispatch_deadline
    assert "turn" not in task.name
    assert task.http_request.oidc_token.service_account_email == ""


async def test_calls_are_signed_where_an_account_is_named(tasks, queue, store, clock):
    """The audience is the handler's address, as the handler will check."""
    tasks.add_queue(queue)
    timers = GoogleTimers(
        queue,
        {"take_turn": "https://x.run.app"},
        store=store,
        clock=clock,
        service_account="push@p.iam.gserviceaccount.com",
        address=tasks.address,
    )
    await timers.set("t", clock.now() + DAY, "take_turn", {})

    token = waiting(tasks, queue)[0].http_request.oidc_token
    assert token.service_account_email == "push@p.iam.gserviceaccount.com"
    assert token.audience == "https://x.run.app"
    await timers.close()


async def test_a_far_timer_waits_as_a_document_until_the_queue_takes_it(timers, tasks, queue, store, clock):
    """Beyond 29 days it is a document; the sweep that finds it nearer hands it to the queue, once."""
    near, far = clock.now() + 28 * DAY, clock.now() + 29.5 * DAY
    await timers.set("near", near, "take_turn", {"n": 1})
    await timers.set("far", far, "advance_run", {"n": 2})
    assert await timers.sweep() == 0

    clock.ahead = DAY

    assert await timers.sweep() == 1
    assert await timers.sweep() == 0
    assert (await store.query(FAR, Query())).documents == ()
    assert {near, far} == {task.schedule_time for task in waiting(tasks, queue)}


async def test_many_far_timers_are_swept_in_one_go(timers, tasks, queue, clock):
    """The sweep reads page after page."""
    for number in range(105):
        await timers.set(f"t{number}", clock.now() + 30 * DAY, "take_turn", {})
    clock.ahead = 2 * DAY

    assert await timers.sweep() == 105
    assert len(waiting(tasks, queue)) == 105


async def test_a_cancelled_far_timer_is_forgotten(timers, tasks, queue, clock):
    """Cancelling removes the document as it would the task."""
    await timers.set("far", clock.now() + 40 * DAY, "take_turn", {})
    await timers.cancel("far")
    clock.ahead = 20 * DAY

    assert await timers.sweep() == 0
    assert waiting(tasks, queue) == []


async def test_a_queue_that_is_not_there_is_transient(timers, tasks, queue, clock):
    """Google drops an idle queue for a moment: the first calls after a month find none."""
    del tasks.queues[queue]

    with pytest.raises(Transient):
        await timers.set("t", clock.now(), "take_turn", {})
    with pytest.raises(Transient):
        await timers.ping()
    tasks.add_queue(queue)
    await timers.ping()


async def test_a_handler_without_address_is_refused(timers, clock):
    """A name nobody serves is a mistake to say at once."""
    with pytest.raises(Permanent, match="unheard_of"):
        await timers.set("t", clock.now(), "unheard_of", {})


async def test_a_payload_that_is_no_json_is_refused(timers, clock):
    """The body of a task is JSON."""
    with pytest.raises(Permanent, match="no JSON"):
        await timers.set("t", clock.now(), "take_turn", {"x": object()})
