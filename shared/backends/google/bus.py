"""Facts told through Pub/Sub, whose push subscriptions, one a handler and named like it, call the handlers.

What they give up on is forwarded to one topic, whose subscription is emptied into documents before
anybody reads the dead letters: so they can be listed without being lost, and outlive Pub/Sub's retention.
"""

import base64
from datetime import datetime, timedelta
from typing import Any, cast

import msgspec

from shared.backends.google.pubsub import PubSub
from shared.backends.google.subscriptions import DEAD
from shared.domain.errors import Permanent
from shared.domain.identity import digest
from shared.domain.instants import stamp
from shared.ports import Bus, Clock, Data, Delete, Letter, Query, Store, Timers

LETTERS = "platform/agency/dead_letters"
KEPT = timedelta(days=90)  # as long as messages are
TIMERS = "timers"  # the topic of letters that timers could not deliver
ONLY = "only"  # the attribute that names the one handler a replayed message is for
TOPIC = "topic"  # the attribute that tells where a dead letter was published
SOURCE = "CloudPubSubDeadLetterSource"


class GoogleBus(Bus):
    """The Bus of one project.

    `store` and `timers` are asked for where dead letters are read and replayed; receivers do without.
    """

    def __init__(
        self, pubsub: PubSub, clock: Clock, *, store: Store | None = None, timers: Timers | None = None
    ) -> None:
        self._pubsub = pubsub
        self._clock = clock
        self._store_if_open = store
        self._timers = timers

    async def publish(self, topic: str, body: bytes, *, attributes: dict[str, str] | None = None) -> None:
        """Durable when it returns. Raises Transient out of reach, Permanent where there is no such topic."""
        message = {
            "data": base64.b64encode(body).decode(),
            "attributes": {**(attributes or {}), TOPIC: topic},
        }
        await self._pubsub.call("POST", f"topics/{topic}:publish", {"messages": [message]})

    async def dead(self, limit: int = 100) -> list[Letter]:
        """The dead letters, newest first, those of timers among them with the topic `timers`."""
        await self._collect()
        page = await self._store.query(LETTERS, Query(order=("-died_at",), limit=limit))
        return [_letter(document.name, document.data) for document in page.documents]

    async def replay(self, letter: str) -> None:
        """Tell one dead letter's handler again with its attempts at zero. Raises Permanent if unknown."""
        document = await self._store.get(f"{LETTERS}/{letter}")
        if document is None:
            raise Permanent(f"there is no dead letter {letter!r}: it was replayed already, or never was")
        dead = _letter(letter, document.data)
        if dead.topic == TIMERS:
            await self._fire_again(dead)
        else:
            await self.publish(dead.topic, dead.body, attributes={ONLY: dead.handler})
        await self._store.commit([Delete(document.path)])

    async def park(self, topic: str, handler: str, key: str, body: bytes, error: str) -> None:
        """Make a dead letter at once, where a handler knows that trying again cannot help.

        `key` is the message's id, or the timer's name: parked twice, it is one letter.
        """
        await self._keep(
            digest(handler, key), Letter("", topic, handler, body, error, stamp(self._clock.now()))
        )

    async def ping(self) -> None:
        """Returns when the bus answers, whatever it allows us. Raises Transient."""
        await self._pubsub.answer("GET", "topics?pageSize=1")

    async def close(self) -> None:
        """Hang up."""
        await self._pubsub.close()

    @property
    def _store(self) -> Store:
        if self._store_if_open is None:
            raise Permanent("dead letters are documents, and this process opened no store")
        return self._store_if_open

    async def _collect(self) -> None:
        """Empty the subscription of dead letters; each is acknowledged once it is kept."""
        asked = {"maxMessages": 100, "returnImmediately": True}
        while True:
            answer = await self._pubsub.call("POST", f"subscriptions/{DEAD}:pull", asked)
            received = answer.json().get("receivedMessages", [])
            if not received:
                return
            for one in received:
                await self._keep(*_given_up(one["message"]))
            done = {"ackIds": [one["ackId"] for one in received]}
            await self._pubsub.call("POST", f"subscriptions/{DEAD}:acknowledge", done)

    async def _keep(self, name: str, letter: Letter) -> None:
        record: Data = {
            "topic": letter.topic,
            "handler": letter.handler,
            "body": letter.body,
            "error": letter.error,
            "died_at": letter.died_at,
        }
        await self._store.create(f"{LETTERS}/{name}", record, expires=self._clock.now() + KEPT)

    async def _fire_again(self, dead: Letter) -> None:
        if self._timers is None:
            raise Permanent(f"{dead.id!r} is a timer's letter, and this process opened no timers")
        timer = msgspec.json.decode(dead.body)
        await self._timers.set(
            f"{timer['name']}/{dead.id}", self._clock.now(), dead.handler, timer["payload"]
        )


def _letter(name: str, data: Data) -> Letter:
    record = cast("dict[str, Any]", data)
    return Letter(
        name, record["topic"], record["handler"], record["body"], record["error"], record["died_at"]
    )


def _given_up(message: dict[str, Any]) -> tuple[str, Letter]:
    """The name and letter of a message that Pub/Sub forwarded after its last attempt."""
    attributes = message.get("attributes", {})
    handler = attributes.get(f"{SOURCE}Subscription", "").rpartition("/")[2]
    attempts = attributes.get(f"{SOURCE}DeliveryCount", "all its")
    letter = Letter(
        id="",
        topic=attributes.get(TOPIC, ""),
        handler=handler,
        body=base64.b64decode(message.get("data", "")),
        error=f"{handler} did not succeed in {attempts} attempts: see its logs",
        died_at=stamp(datetime.fromisoformat(message["publishTime"])),
    )
    return digest(handler, message["messageId"]), letter
