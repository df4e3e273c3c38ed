"""What is Pub/Sub's own in the Bus: retries, tokens, dead letters as documents, and a light start."""

import subprocess
import sys

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.backends.google import pubsub as module
from shared.backends.google.bus import GoogleBus
from shared.backends.google.identity import AccessTokens
from shared.backends.google.pubsub import PubSub
from shared.backends.google.pushes import hear, ring
from shared.backends.google.subscriptions import DEAD, Subscription, provision
from shared.domain.errors import Malformed, Permanent, Transient
from tests.emulators import shared_pubsub
from tests.standins.serving import serving

LIGHT = """
import sys
import shared.backends.google.bus, shared.backends.google.identity
heavy = {"google.api_core", "google.auth", "google.protobuf", "grpc", "requests", "langgraph"}
print(sorted(heavy & set(sys.modules)))
"""


@pytest.fixture
async def pubsub(project):
    pubsub = PubSub(project, emulator=shared_pubsub())
    yield pubsub
    await pubsub.close()


@pytest.fixture
async def bus(pubsub, clock, store, timers):
    await provision(pubsub, [], lambda handler: handler)
    return GoogleBus(pubsub, clock, store=store, timers=timers)


class Google:
    """Pub/Sub and the metadata server as a receiver meets them, answering as told."""

    def __init__(self):
        self.answers = []
        self.tokens = 0
        self.asked = []
        self.app = Starlette(
            routes=[
                Route("/computeMetadata/{rest:path}", self._token),
                Route("/v1/{rest:path}", self._call, methods=["GET", "POST"]),
            ]
        )

    async def _token(self, request):
        assert request.headers["metadata-flavor"] == "Google"
        self.tokens += 1
        return JSONResponse({"access_token": f"token-{self.tokens}", "expires_in": 3599})

    async def _call(self, request):
        self.asked.append((request.url.path, request.headers["authorization"], await request.json()))
        return Response("{}", self.answers.pop(0) if self.answers else 200)


@pytest.fixture
async def google(monkeypatch):
    google = Google()
    async with serving(google.app) as address:
        monkeypatch.setattr(module, "SERVICE", address)
        google.address = address
        yield google


@pytest.fixture
async def receiver(google, clock):
    """A bus as a receiver opens it: no store, no emulator."""
    pubsub = PubSub("p")
    pubsub._tokens = AccessTokens(metadata=google.address)
    yield GoogleBus(pubsub, clock)
    await pubsub.close()


def test_a_receiver_loads_none_of_googles_libraries():
    """Importing the bus and the check of callers costs an HTTP client and nothing more."""
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


async def test_a_receiver_publishes_with_the_token_of_its_machine(google, receiver):
    """One token serves many calls."""
    await receiver.publish("message-received", b"one", attributes={"a": "b"})
    await receiver.publish("message-received", b"two")

    path, authorization, body = google.asked[0]
    assert path == "/v1/projects/p/topics/message-received:publish"
    assert authorization == "Bearer token-1"
    told = {"data": "b25l", "attributes": {"a": "b", "topic": "message-received"}}
    assert {"messages": [told]} == body
    assert (google.tokens, len(google.asked)) == (1, 2)


async def test_a_refused_token_is_renewed_once(google, receiver):
    """A token that ended early costs one more call, not a message."""
    google.answers = [401, 200]
    await receiver.publish("message-received", b"")

    assert [authorization for _, authorization, _ in google.asked] == ["Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_bus_is_tried_twice_and_then_transient(google, receiver, status):
    """The sender of a webhook tries again by itself; it must not wait for long."""
    google.answers = [status, 200, status, status]
    await receiver.publish("message-received", b"")
    with pytest.raises(Transient) as busy:
        await receiver.publish("message-received", b"")

    assert busy.value.retry_after
    assert len(google.asked) == 4


@pytest.mark.parametrize(("status", "hint"), [(404, "terraform"), (403, "roles"), (401, "roles")])
async def test_a_refusal_says_what_to_mend(google, receiver, status, hint):
    """A missing topic or role is no weather."""
    google.answers = [status, status]
    with pytest.raises(Permanent, match=hint):
        await receiver.publish("message-received", b"")


async def test_a_bus_out_of_reach_is_transient(clock):
    """Nobody listens there."""
    bus = GoogleBus(PubSub("p", emulator="127.0.0.1:1"), clock)

    with pytest.raises(Transient):
        await bus.publish("message-received", b"")
    with pytest.raises(Transient):
        await bus.ping()
    await bus.close()


async def test_a_receiver_reads_no_dead_letters(receiver):
    """They are documents, and a receiver opens no store."""
    with pytest.raises(Permanent):
        await receiver.dead()


@pytest.mark.emulators
async def test_provisioning_again_points_at_the_new_address(project, pubsub):
    """The local server may come back on another port while the emulator stays."""
    wanted = [Subscription(handler="record_message", topic="message-received", attempts=1)]
    for address in ("http://127.0.0.1:1", "http://127.0.0.1:2"):
        await provision(pubsub, wanted, lambda handler, at=address: f"{at}/{handler}")

    told = (await pubsub.answer("GET", "subscriptions/record_message")).json()
    assert told["pushConfig"]["pushEndpoint"] == "http://127.0.0.1:2/record_message"
    assert {"deadLetterTopic": f"projects/{project}/topics/{DEAD}", "maxDeliveryAttempts": 5} == told[
        "deadLetterPolicy"
    ]


@pytest.mark.emulators
async def test_a_letter_of_a_timer_is_replayed_by_a_new_timer(bus, timers, tasks, queue, clock):
    """Cloud Tasks keeps nothing of a task that failed for good: the letter does, and rings again."""
    raw = b'{"name":"t","payload":{"n":1}}'

    async def fail(_):
        raise RuntimeError("a customer's words")

    await ring(raw, {"x-cloudtasks-taskretrycount": "4"}, "take_turn", bus, fail, attempts=5)
    (letter,) = await bus.dead()
    await bus.replay(letter.id)

    (task,) = tasks.queues[queue].tasks.values()
    assert ("timers", "take_turn", raw) == (letter.topic, letter.handler, letter.body)
    assert letter.error == "RuntimeError: an unexpected error, described in the logs"
    assert task.http_request.url == "http://127.0.0.1:1/take_turn"
    assert b'"payload":{"n":1}' in task.http_request.body
    assert await bus.dead() == []


@pytest.mark.emulators
async def test_a_timer_that_fails_early_goes_back_to_the_queue(bus):
    """Before the last attempt the door is told, and nothing is parked."""

    async def fail(_):
        raise Transient("not yet")

    with pytest.raises(Transient):
        await ring(b'{"name":"t","payload":{}}', {}, "take_turn", bus, fail, attempts=2)
    assert await bus.dead() == []


@pytest.mark.emulators
async def test_a_letter_parked_twice_is_one(bus):
    """A handler that parked and died before it answered is told again, and parks again."""
    raw = b'{"message":{"messageId":"7","data":"eA==","attributes":{"topic":"t","a":"b"}}}'

    async def refuse(_):
        raise Permanent("never")

    await hear(raw, "record_message", bus, refuse)
    await hear(raw, "record_message", bus, refuse)

    (letter,) = await bus.dead()
    assert (letter.topic, letter.handler, letter.body, letter.error) == ("t", "record_message", b"x", "never")


async def test_a_replay_meant_for_another_handler_is_ignored(receiver):
    """All subscriptions of a topic get a replayed message; one handler hears it."""
    heard = []

    async def deliver(delivery):
        heard.append((delivery.handler, dict(delivery.attributes), delivery.attempt))

    raw = (
        b'{"message":{"messageId":"7","data":"","attributes":{"only":"observe","topic":"t","a":"b",'
        b'"googclient_schemaname":"x"}},"subscription":"s","deliveryAttempt":3}'
    )
    await hear(raw, "record_message", receiver, deliver)
    await hear(raw, "observe", receiver, deliver)

    assert heard == [("observe", {"a": "b"}, 3)]


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"message":{}}', b'{"message":{"messageId":"1","data":"x"}}']
)
async def test_what_is_no_push_is_malformed(receiver, raw):
    """Bodies come from outside, even behind a checked identity."""
    with pytest.raises(Malformed):
        await hear(raw, "record_message", receiver, None)


@pytest.mark.parametrize(
    ("raw", "headers"),
    [
        (b"", {}),
        (b'{"name":1,"payload":{}}', {}),
        (b'{"name":"t","payload":{}}', {"x-cloudtasks-taskretrycount": "x"}),
    ],
)
async def test_what_is_no_timer_is_malformed(receiver, raw, headers):
    """A task somebody made by hand is not run."""
    with pytest.raises(Malformed):
        await ring(raw, headers, "take_turn", receiver, None, attempts=5)
