"""Who is there: what colleagues say of themselves, their consoles' signs of life, and who has gone."""

from datetime import datetime

import msgspec

from shared import outbox
from shared.desk.colleagues import edit_colleague, find_colleague
from shared.desk.commit import as_data, head_path, read_head
from shared.desk.queue import read_handover
from shared.desk.requeue import requeue
from shared.desk.room import look_again
from shared.desk.services import Services
from shared.desk.silence import customer_waits
from shared.desk.wake import colleagues_key, wake
from shared.domain.colleagues import DESK, GONE_AFTER, Actor, Colleague, Presence, is_there
from shared.domain.errors import Permanent
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.outbox import Alarm, Intent
from shared.ports import Put
from shared.security.tenancy import TenantStore


async def heartbeat(services: Services, tenant: str, by: Actor) -> Colleague:
    """Note a sign of life of somebody's console; send one at least every 30 s while it is open.

    Whoever was thought gone is there again. Raises Permanent where they do not work for the tenant.
    """

    def become(before: Colleague | None, now: datetime) -> tuple[Colleague, list[Intent]]:
        return _seen(tenant, _there(before, by), now)

    return await edit_colleague(services, tenant, by.id, become)


async def set_presence(services: Services, tenant: str, presence: Presence, by: Actor) -> Colleague:
    """Say whether somebody is online, away or offline. Who goes offline gives up what they have.

    Away, one keeps one's conversations and is given no more. Raises Permanent as `heartbeat`.
    """

    def become(before: Colleague | None, now: datetime) -> tuple[Colleague, list[Intent]]:
        return _seen(tenant, msgspec.structs.replace(_there(before, by), presence=presence), now)

    after = await edit_colleague(services, tenant, by.id, become)
    await wake(services.ports, colleagues_key(tenant))
    if presence == "offline":
        await give_up_all(services, tenant, after, why=f"{after.name} went offline", by=by)
    return after


async def watch_presence(services: Services, tenant: str, colleague: str, since: str) -> None:
    """Look after a colleague who gives no sign of life any more: what waits for them goes to somebody else.

    A conversation whose customer does not wait stays theirs, so that a phone that sleeps takes nothing
    away. `since` is when they came online; another one is of an old generation.
    """
    store, now = services.tenant(tenant), services.ports.clock.now()
    found = await find_colleague(store, colleague)
    if found is None or found[0].online_since != since or found[0].presence != "online":
        return
    known, document = found
    gone = not is_there(known, now)
    after = msgspec.structs.replace(known, online_since="") if gone else known
    intents = [] if gone else [_watch(tenant, known, instant(known.seen_at))]
    put = Put(document.path, as_data(after), version=document.version)
    await outbox.commit(services.ports, store, [put], intents)
    if gone:
        await give_up_all(services, tenant, known, why=f"{known.name} lost the connection", waiting=True)


async def give_up_all(
    services: Services,
    tenant: str,
    colleague: Colleague,
    *,
    why: str,
    waiting: bool = False,
    by: Actor = DESK,
) -> None:
    """Put back into the queue all that somebody has or is offered; with `waiting`, where a customer waits."""
    store = services.tenant(tenant)
    for conversation in colleague.holding:
        if waiting and not await _waits(store, conversation):
            continue
        await requeue(services, tenant, conversation, holder=colleague.id, why=why, by=by)


async def _waits(store: TenantStore, conversation: str) -> bool:
    head = read_head(await store.get(head_path(conversation)))
    if head is None:
        return False
    return customer_waits(head, await read_handover(store, head.handover) if head.handover else None)


def _there(before: Colleague | None, who: Actor) -> Colleague:
    """The colleague who acts; one who signs in for the first time is made. Raises Permanent once removed."""
    if before is not None and before.removed:
        raise Permanent("you do not work here any more; ask an owner to invite you again")
    return before or Colleague(id=who.id, name=who.name, role=who.role)


def _seen(tenant: str, before: Colleague, now: datetime) -> tuple[Colleague, list[Intent]]:
    """A colleague who shows a sign of life. Who comes online is watched, and offered what waits."""
    after = msgspec.structs.replace(before, seen_at=stamp(now))
    if after.presence != "online":
        return msgspec.structs.replace(after, online_since=""), []
    if after.online_since:
        return after, []
    after = msgspec.structs.replace(after, online_since=stamp(now))
    return after, [_watch(tenant, after, now), look_again(tenant, now)]


def _watch(tenant: str, colleague: Colleague, seen: datetime) -> Alarm:
    """The alarm for when somebody last seen then is gone unless they are seen again."""
    due = seen + GONE_AFTER
    payload: dict[str, object] = {
        "tenant": tenant,
        "colleague": colleague.id,
        "since": colleague.online_since,
    }
    name = digest("watch-presence", tenant, colleague.id, colleague.online_since, stamp(due))
    return Alarm(name, due, "watch_presence", payload)
