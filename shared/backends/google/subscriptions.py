"""Topics and push subscriptions on the Pub/Sub emulator; on Google Cloud they are Terraform's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from shared.backends.google.pubsub import PubSub
from shared.ports import Data

DEAD = "dead-letters"  # the topic of what was given up on, and the subscription it is read from
FEWEST, MOST = 5, 100  # attempts that Pub/Sub can be told to make


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A handler, its topic and how often it is tried; times in seconds."""

    handler: str
    topic: str
    attempts: int = 10
    min_backoff: float = 10.0
    max_backoff: float = 600.0
    ack_deadline: int = 60


async def provision(
    pubsub: PubSub, subscriptions: Sequence[Subscription], endpoint: Callable[[str], str]
) -> None:
    """Make the topics, a subscription named like each handler, and the one of the dead letters.

    `endpoint` gives the address at which a handler is called. What is there already is kept, and
    pointed at that address.
    """
    for topic in (DEAD, *dict.fromkeys(one.topic for one in subscriptions)):
        await pubsub.call("PUT", f"topics/{topic}", {}, fine=(HTTPStatus.CONFLICT,))
    await _subscribe(pubsub, DEAD, {"topic": f"{pubsub.project}/topics/{DEAD}", "ackDeadlineSeconds": 60})
    for one in subscriptions:
        push = {"pushEndpoint": endpoint(one.handler)}
        if not await _subscribe(pubsub, one.handler, _terms(pubsub, one) | {"pushConfig": push}):
            await pubsub.call("POST", f"subscriptions/{one.handler}:modifyPushConfig", {"pushConfig": push})


async def _subscribe(pubsub: PubSub, name: str, terms: Data) -> bool:
    """Whether the subscription is new."""
    answer = await pubsub.call("PUT", f"subscriptions/{name}", terms, fine=(HTTPStatus.CONFLICT,))
    return answer.status_code != HTTPStatus.CONFLICT


def _terms(pubsub: PubSub, one: Subscription) -> Data:
    return {
        "topic": f"{pubsub.project}/topics/{one.topic}",
        "ackDeadlineSeconds": one.ack_deadline,
        "retryPolicy": {"minimumBackoff": f"{one.min_backoff}s", "maximumBackoff": f"{one.max_backoff}s"},
        "deadLetterPolicy": {
            "deadLetterTopic": f"{pubsub.project}/topics/{DEAD}",
            "maxDeliveryAttempts": max(FEWEST, min(one.attempts, MOST)),
        },
    }
