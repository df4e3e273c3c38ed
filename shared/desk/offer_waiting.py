"""Offers what waits in the queues to whoever has room again, the most urgent and the oldest first."""

import logging
from dataclasses import replace

import msgspec

from shared.desk.queue import read_queue
from shared.desk.route_handover import offered_now
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change
from shared.domain.errors import FrontdeskError, Transient
from shared.domain.handovers import Handover
from shared.domain.tickets import PRIORITIES
from shared.ports import Query, Where
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)

MOST = 500
"""So many are looked at in one go; whoever gets room next looks again."""

PAGE = 100


async def offer_waiting(services: Services, tenant: str) -> None:
    """Offer every waiting handover to somebody who has room.

    One that cannot be offered keeps no other waiting. Raises Transient where one is to be tried again.
    """
    store = services.tenant(tenant)
    busy: Transient | None = None
    for handover in await waiting_handovers(store):
        try:
            await _offer(services, store, handover)
        except Transient as error:
            busy = error
        except FrontdeskError as error:
            log.warning("handover.not_offered", extra={"handover": handover.id, "why": str(error)})
    if busy is not None:
        raise busy


async def waiting_handovers(store: TenantStore) -> list[Handover]:
    """What waits for anybody, the most urgent first, then the oldest."""
    query, waiting = Query(where=(Where("state", "==", "waiting"),), limit=PAGE), list[Handover]()
    while len(waiting) < MOST:
        page = await store.query("handovers", query)
        waiting += [msgspec.convert(document.data, Handover) for document in page.documents]
        if page.cursor is None:
            break
        query = replace(query, cursor=page.cursor)
    return sorted(waiting, key=lambda one: (-PRIORITIES.index(one.priority), one.asked_at))


async def _offer(services: Services, store: TenantStore, waiting: Handover) -> None:
    queue = await read_queue(services, store, waiting)
    if queue is None or not queue.people:
        return
    customer = queue.customer
    spoken = (customer.language if customer else None) or queue.config.desk.languages[0]

    def decide(scene: Scene) -> Move | None:
        current = scene.handover
        if current is None or current.id != waiting.id or current.state != "waiting":
            return None
        language = scene.head.language or spoken
        return offered_now(store.tenant, scene, current, queue, language)

    await change(services, store, waiting.conversation, decide, involved=queue.people)
