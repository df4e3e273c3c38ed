"""Who is there: what colleagues say of themselves, their consoles' signs of life, and who has gone."""

from datetime import datetime

import msgspec

from shared.desk.colleagues import edit_colleague
from shared.desk.commit import head_path, read_head
from shared.desk.queue import read_handover
from shared.desk.requeue import requeue
from shared.desk.room import look_again
from shared.desk.services import Services
from shared.desk.silence import customer_waits
from shared.desk.tickets import give_up_tickets
from shared.desk.wake import colleagues_key, wake
from shared.domain.colleagues import DESK, GONE_AFTER, Actor, Colleague, Presence, is_there
from shared.domain.errors import Permanent
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.outbox import Alarm, Intent
from shared.security.staff import colleague_path, read_colleague
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
        after, intents = _seen(tenant, msgspec.structs.replace(_there(before, by), presence=presence), now)
        return after, [*intents, watch(tenant, after, now)] if presence == "offline" else intents

    after = await edit_colleague(services, tenant, by.id, become)
    await wake(services.ports, colleagues_key(tenant))
    if presence == "offline":
        await give_up_all(services, tenant, after, why=f"{after.name} went offline", by=by)
    return after


async def watch_presence(services: Services, tenant: str, colleague: str, since: str) -> None:
    """Look after a colleague who gives no sign of life any more: what waits for them goes to somebody else.

    A conversation whose customer does not wait stays theirs, so that a phone that sleeps takes nothing
    away; who went offline or was removed gives up all. `since` is when they came online; another one is of
    an old generation. Told again after a failure, it goes on.
    """
    store, now = services.tenant(tenant), services.ports.clock.now()
    known = read_colleague(await store.get(colleague_path(colleague)))
    if known is None:
        return
    if known.removed:
        why = f"{known.name} does not work here any more"
        await give_up_all(services, tenant, known, why=why)
        await give_up_tickets(services, tenant, colleague, why=why)
    elif known.online_since != since:
        return
    elif known.presence == "offline":
        await give_up_all(services, tenant, known, why=f"{known.name} went offline")
    elif known.presence == "online":
        if not is_there(known, now):
            await give_up_all(services, tenant, known, why=f"{known.name} lost the connection", waiting=True)
        await edit_colleague(
            services, tenant, colleague, lambda before, now: _gone(tenant, before, since, now)
        )


def _gone(tenant: str, before: Colleague | None, since: str, now: datetime) -> tuple[Colleague, list[Intent]]:
    """Somebody watched since then as they now are: online no more, or watched on where they gave a sign."""
    if before is None:
        raise Permanent("this colleague is not known any more; nobody is to be watched")
    if before.online_since != since or before.presence != "online":
        return before, []
    if is_there(before, now):
        return before, [watch(tenant, before, instant(before.seen_at) + GONE_AFTER)]
    return msgspec.structs.replace(before, online_since=""), []


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
    return after, [watch(tenant, after, now + GONE_AFTER), look_again(tenant, now)]


def watch(tenant: str, colleague: Colleague, due: datetime) -> Alarm:
    """The alarm that looks whether somebody is still there."""
    payload: dict[str, object] = {
        "tenant": tenant,
        "colleague": colleague.id,
        "since": colleague.online_since,
    }
    name = digest("watch-presence", tenant, colleague.id, colleague.online_since, stamp(due))
    return Alarm(name, due, "watch_presence", payload)
