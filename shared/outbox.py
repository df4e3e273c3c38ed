"""Commits what is to happen together with what has changed, and makes it happen after.

An intent is a document in the same commit as the state. Right after the commit it is relayed to the
Bus or the Timers and removed; whatever a crash left behind, `sweep` relays. Receivers of either may
therefore see an intent twice and must not mind. A backend that keeps documents, bus and timers in one
file commits all of it at once, and leaves nothing to relay.
"""

import asyncio
import base64
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.errors import FrontdeskError, Permanent, Transient
from shared.domain.events import Event
from shared.domain.identity import new_id
from shared.domain.instants import instant, stamp
from shared.ports import Create, Data, Delete, Page, Ports, Put, Query, Together, Where, Write

log = logging.getLogger(__name__)

LEFT_BEHIND = timedelta(seconds=30)
"""How old an intent is before the sweep takes it: its own process has surely given up by then."""


ASIDE_FOR = timedelta(days=90)
"""How long an intent that nobody can take is kept for people to look at."""


@dataclass(frozen=True, slots=True)
class Publication:
    """Tell a fact on its topic."""

    topic: str
    body: bytes

    @classmethod
    def of(cls, event: Event) -> "Publication":
        """The publication of a fact."""
        return cls(type(event).topic(), event.encode())


@dataclass(frozen=True, slots=True)
class Alarm:
    """Call a handler at an instant."""

    name: str
    due: datetime
    handler: str
    payload: Data


Intent = Publication | Alarm


class Part(Protocol):
    """The documents an outbox stands among: a tenant's or the platform's."""

    async def commit(self, writes: Sequence[Write]) -> None:
        """All of the writes or none."""
        ...

    def placed(self, writes: Sequence[Write]) -> list[Write]:
        """The writes with whole paths."""
        ...


class Across(Protocol):
    """The platform's view over every tenant's outbox, and the way back into one."""

    async def across_tenants(self, group: str, query: Query) -> Page:
        """Documents of every tenant's collection of that name, with whole paths."""
        ...

    def tenant(self, tenant: str) -> Part:
        """One tenant's part."""
        ...


def _written(intent: Intent, now: datetime) -> Data:
    at = stamp(now)
    if isinstance(intent, Publication):
        body = base64.b64encode(intent.body).decode()
        return {"shape": 1, "kind": "publish", "topic": intent.topic, "body": body, "at": at}
    return {
        "shape": 1,
        "kind": "alarm",
        "name": intent.name,
        "due": stamp(intent.due),
        "handler": intent.handler,
        "payload": intent.payload,
        "at": at,
    }


def _read(data: Data) -> Intent:
    if data["kind"] == "publish":
        return Publication(str(data["topic"]), base64.b64decode(str(data["body"])))
    payload = data["payload"]
    assert isinstance(payload, dict)  # noqa: S101  written by `_written` alone
    return Alarm(str(data["name"]), instant(str(data["due"])), str(data["handler"]), payload)


async def _relay_one(ports: Ports, part: Part, path: str, intent: Intent) -> None:
    match intent:
        case Publication(topic, body):
            await ports.bus.publish(topic, body)
        case Alarm(name, due, handler, payload):
            await ports.timers.set(name, due, handler, payload)
    await part.commit([Delete(path)])


async def commit(
    ports: Ports,
    part: Part,
    writes: Sequence[Write],
    intents: Sequence[Intent] = (),
    *,
    beside: Sequence[Write] = (),
) -> None:
    """Commit writes and intents as one, then relay the intents. Raises as `Store.commit`.

    `beside` are writes that another part has placed. A relay that fails is left to the sweep: the commit
    has happened and is not undone.
    """
    if not intents:
        await ports.store.commit([*beside, *part.placed(writes)])
        return
    if ports.together is not None:
        await _commit_together(ports.together, [*beside, *part.placed(writes)], intents)
        return
    now = ports.clock.now()
    named = [(f"outbox/{new_id()}", intent) for intent in intents]
    kept = [Create(path, _written(intent, now)) for path, intent in named]
    await ports.store.commit([*beside, *part.placed([*writes, *kept])])
    relays = (_relay_one(ports, part, path, intent) for path, intent in named)
    for outcome in await asyncio.gather(*relays, return_exceptions=True):
        if isinstance(outcome, FrontdeskError):
            log.warning("outbox.relay_left_to_sweep", extra={"error": type(outcome).__name__})
        elif isinstance(outcome, BaseException):
            raise outcome


async def _commit_together(together: Together, writes: Sequence[Write], intents: Sequence[Intent]) -> None:
    await together.commit(
        writes,
        facts=[(one.topic, one.body) for one in intents if isinstance(one, Publication)],
        timers=[(one.name, one.due, one.handler, one.payload) for one in intents if isinstance(one, Alarm)],
    )


async def sweep(ports: Ports, platform: Across, limit: int = 200) -> int:
    """Relay what was left behind, oldest first; how many intents were relayed."""
    before = stamp(ports.clock.now() - LEFT_BEHIND)
    page = await platform.across_tenants(
        "outbox", Query(where=(Where("at", "<", before),), order=("at",), limit=limit)
    )
    relayed = 0
    for document in page.documents:
        _, tenant, *rest = document.path.split("/")
        part, path = platform.tenant(tenant), "/".join(rest)
        try:
            await _relay_one(ports, part, path, _read(document.data))
            relayed += 1
        except Permanent as error:  # nobody can take it: set aside, so that it does not block the others
            log.error("outbox.set_aside", extra={"path": document.path, "why": str(error)})  # noqa: TRY400
            aside = {**document.data, "error": str(error)}
            kept = Put(f"outbox_aside/{rest[-1]}", aside, expires=ports.clock.now() + ASIDE_FOR)
            await part.commit([kept, Delete(path)])
        except Transient as error:
            log.warning("outbox.relay_put_off", extra={"path": document.path, "why": str(error)})
    return relayed
