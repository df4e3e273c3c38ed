"""Facts told through Pub/Sub, whose push subscriptions, one a handler and named like it, call the handlers.

What they give up on is forwarded to one topic, and its subscription is emptied into documents before
anybody reads the dead letters.
"""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from shared.backends.google.letters import DeadLetters
from shared.backends.google.pubsub import PubSub
from shared.backends.google.subscriptions import DEAD
from shared.domain.errors import Permanent
from shared.domain.instants import stamp
from shared.ports import Bus, Clock, Letter, Store, Timers

TIMERS = "timers"  # the topic of letters that timers could not deliver
TOPIC = "topic"  # the attribute that tells a handler, and a dead letter, where a message was published
ONLY = "only"  # the attribute that names the one handler a replayed message is for
GOOGLES = ("googclient_", "CloudPubSub")  # attributes that are not the publisher's
SOURCE = "CloudPubSubDeadLetterSource"


class GoogleBus(Bus):
    """The Bus of one project.

    `store` and `timers` are asked for where dead letters are read, parked and replayed; receivers do
    without.
    """

    def __init__(
        self, pubsub: PubSub, clock: Clock, *, store: Store | None = None, timers: Timers | None = None
    ) -> None:
        self._pubsub = pubsub
        self._clock = clock
        self._kept = DeadLetters(store, clock) if store else None
        self._timers = timers

    async def publish(self, topic: str, body: bytes, *, attributes: dict[str, str] | None = None) -> None:
        """Durable when it returns. Raises Transient out of reach, Permanent where there is no such topic."""
        told = {**(attributes or {}), TOPIC: topic}
        message = {"data": base64.b64encode(body).decode(), "attributes": told}
        await self._pubsub.call("POST", f"topics/{topic}:publish", {"messages": [message]})

    async def dead(self, limit: int = 100) -> list[Letter]:
        """The dead letters, newest first, those of timers among them with the topic `timers`."""
        await self._collect()
        return await self._letters.newest(limit)

    async def replay(self, letter: str) -> None:
        """Tell one dead letter's handler again with its attempts at zero. Raises Permanent if unknown."""
        found = await self._letters.find(letter)
        if found is None:
            raise Permanent(f"there is no dead letter {letter!r}: it was replayed already, or never was")
        dead, attributes = found
        if dead.topic == TIMERS:
            await self._fire_again(dead)
        else:
            await self.publish(dead.topic, dead.body, attributes={**attributes, ONLY: dead.handler})
        await self._letters.forget(letter)

    async def park(
        self,
        topic: str,
        handler: str,
        key: str,
        body: bytes,
        error: str,
        *,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        """Make a dead letter at once, where trying again cannot help.

        `key` is the message's id, or the timer's name: parked twice, it is one letter.
        """
        letter = Letter("", topic, handler, body, error, stamp(self._clock.now()))
        await self._letters.keep(key, letter, attributes or {})

    async def ping(self) -> None:
        """Returns when the bus answers, whatever it allows us. Raises Transient."""
        await self._pubsub.answer("GET", "topics?pageSize=1")

    async def close(self) -> None:
        """Hang up."""
        await self._pubsub.close()

    @property
    def _letters(self) -> DeadLetters:
        if self._kept is None:
            raise Permanent("dead letters are documents, and this process opened no store")
        return self._kept

    async def _collect(self) -> None:
        """Empty the subscription of dead letters; each is acknowledged once it is kept."""
        asked = {"maxMessages": 100, "returnImmediately": True}
        while True:
            answer = await self._pubsub.call("POST", f"subscriptions/{DEAD}:pull", asked)
            received = answer.json().get("receivedMessages", [])
            if not received:
                return
            for one in received:
                await self._keep(one["message"])
            done = {"ackIds": [one["ackId"] for one in received]}
            await self._pubsub.call("POST", f"subscriptions/{DEAD}:acknowledge", done)

    async def _keep(self, message: dict[str, Any]) -> None:
        """Write down a message that Pub/Sub forwarded after its last attempt."""
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
        await self._letters.keep(message["messageId"], letter, publishers(attributes))

    async def _fire_again(self, dead: Letter) -> None:
        if self._timers is None:
            raise Permanent(f"{dead.id!r} is a timer's letter, and this process opened no timers")
        timer = msgspec.json.decode(dead.body)
        name = f"{timer['name']}/{dead.id}"  # the old name is remembered for an hour
        await self._timers.set(name, self._clock.now(), dead.handler, timer["payload"])


def publishers(attributes: Mapping[str, str]) -> dict[str, str]:
    """The attributes that whoever published gave, without those of the bus."""
    ours = (TOPIC, ONLY)
    return {
        name: value for name, value in attributes.items() if name not in ours and not name.startswith(GOOGLES)
    }
